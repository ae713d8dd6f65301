"""Routes that answer with pages, also where something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from callmon.errors import CallmonError
from callmon.review.pages.rendering import show
from callmon.review.problems import (
    KINDS,
    Problem,
    of_callmon,
    of_http,
    of_validation,
    request_id_of,
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose problems are pages, and who is not signed in is sent to sign in."""

    def get_route_handler(self) -> Handler:
        plain = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await plain(request)
            except CallmonError as error:
                return told(request, of_callmon(error))
            except RequestValidationError as error:
                return told(request, of_validation(error))
            except HTTPException as error:
                return told(
                    request, error if isinstance(error, Problem) else of_http(error)
                )

        return handle


def router() -> APIRouter:
    """For pages; they are no part of the API's document."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def told(request: Request, problem: Problem) -> Response:
    """The problem as people read it."""
    is_part = request.headers.get("hx-request") == "true"
    if problem.status_code == 401:
        sign_in = f"/sign-in?then={quote(_then(request, is_part=is_part), safe='/')}"
        if is_part:
            return Response(status_code=401, headers={"HX-Redirect": sign_in})
        return RedirectResponse(sign_in, status_code=303)
    response = show(
        request,
        "part_problem.html" if is_part else "problem.html",
        status=problem.status_code,
        title=KINDS[problem.name].title,
        detail=problem.detail,
        request_id=request_id_of(request),
    )
    if problem.headers:
        response.headers.update(problem.headers)
    return response


def _then(request: Request, *, is_part: bool) -> str:
    """The page to come back to: of a part of a page, the beginning."""
    if is_part or request.method != "GET":
        return "/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
