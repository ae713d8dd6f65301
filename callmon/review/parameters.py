"""Parameters that cannot be meant are refused, for all routes.

A query parameter that nothing reads: a misspelt filter would not filter. A null character:
PostgreSQL takes none.
"""

from __future__ import annotations

from fastapi import Request

from callmon.review.problems import Problem, not_found


async def only_known_parameters(request: Request) -> None:
    """Raises a Problem for a parameter that the endpoint does not know, or no database."""
    if any("\0" in str(value) for value in request.path_params.values()):
        raise not_found("thing of that name")
    for name, value in request.query_params.multi_items():
        if "\0" in value:
            raise Problem(
                422,
                "invalid-request",
                "The value holds a null character, which nothing here is named with.",
                field=name[:100],
            )
    known: frozenset[str] | None = request.app.state.parameters.get(
        request.scope["endpoint"], frozenset()
    )
    if known is None:
        return
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        there = f"there are {', '.join(sorted(known))}" if known else "there are none here"
        raise Problem(
            422,
            "invalid-request",
            f"There is no parameter {unknown[0][:100]!r}; {there}.",
            field=unknown[0][:100],
        )


async def any_parameters() -> None:
    """For `Depends`, where others decide what they send."""
