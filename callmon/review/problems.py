"""Problems: the one form in which the API says no (RFC 9457).

Every error is `application/problem+json` with a `type` from `KINDS`, a `title`, a `detail`
for people and, where one is at fault, the `field`. No trace and no statement of a database
ever gets into one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path

from callmon.errors import (
    BadRecording,
    BadSettings,
    BadTranscript,
    CallmonError,
    MissingModel,
    NotFound,
    OnHold,
    Permanent,
    StoreOutdated,
    StoreUnavailable,
    TooLarge,
    Transient,
)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 10
"""What a client is told to wait when the database or the media store does not answer."""

MOST_FAULTS: Final = 20
"""That one answer names: a body of a mebibyte can have a hundred thousand."""
MOST_CHARACTERS: Final = 200
"""Of the name of a field, which may be the client's own."""


@dataclass(frozen=True)
class Kind:
    """A kind of problem: what it is called, and what it means."""

    title: str
    meaning: str


KINDS: Final[Mapping[str, Kind]] = {
    "invalid-request": Kind(
        "The request is not as it should be",
        "A field, a parameter or a header has a value that cannot be used. `field` names"
        " it, and `errors` names all of them.",
    ),
    "not-signed-in": Kind(
        "Who is asking is not known",
        "The request has no key and no session, or one that does not hold: unknown,"
        " expired, revoked. Send `Authorization: Bearer KEY`.",
    ),
    "not-allowed": Kind(
        "This is not for your role",
        "The key or the user is known and its role never has this. An admin can give"
        " another role.",
    ),
    "csrf": Kind(
        "The request does not prove that it comes from our pages",
        "With a session, everything that changes something has to carry the header"
        " `X-CSRF-Token` with the value that `GET /v1/me` gives.",
    ),
    "not-found": Kind(
        "There is no such thing",
        "It does not exist, or it is not yours to see; the two are not told apart.",
    ),
    "method-not-allowed": Kind(
        "This address does not take that method",
        "The header `Allow` names the methods that it takes.",
    ),
    "conflict": Kind(
        "It does not fit what is there",
        "Something is in a state that does not allow it, or it exists already.",
    ),
    "precondition-failed": Kind(
        "Somebody else was faster",
        "It was changed since the `ETag` that `If-Match` gives. Read it again.",
    ),
    "range-not-satisfiable": Kind(
        "The range is not within the body",
        "`Content-Range` says how many bytes there are.",
    ),
    "too-large": Kind("The request is too large", "The body is larger than is taken in."),
    "unsupported-media-type": Kind(
        "The body is of a kind that is not read here",
        "Send `Content-Type: application/json`, or for recordings `multipart/form-data`.",
    ),
    "bad-recording": Kind(
        "The recording cannot be taken in",
        "The file is empty, is no sound, or is of a kind that cannot be read.",
    ),
    "too-many-requests": Kind(
        "Too many requests",
        "Of this key, this user or this address. `Retry-After` says in how many seconds it"
        " goes on.",
    ),
    "too-slow": Kind(
        "The request took too long to arrive", "Its body stopped coming. Send it again."
    ),
    "not-ready": Kind(
        "Not ready",
        "A part that is needed does not work. It is tried again by itself; `Retry-After`"
        " says when to ask again.",
    ),
    "internal": Kind(
        "Something went wrong here",
        "A defect in callmon. The log has it under the request's id, which the header"
        " `X-Request-ID` gives.",
    ),
}
"""By name: the last part of `type`, `/problems/NAME`, which is a page."""


class Fault(BaseModel):
    """One of several things wrong with a request."""

    field: str
    message: str


class ProblemView(BaseModel):
    """RFC 9457, problem details."""

    type: str = Field(examples=["/problems/not-found"])
    title: str
    status: int
    detail: str = Field(description="One or two sentences for people.")
    field: str | None = Field(default=None, description="The field at fault.")
    errors: list[Fault] | None = Field(
        default=None, description="The first twenty fields at fault."
    )
    request_id: str | None = None


class Problem(HTTPException):
    """Raised anywhere in the API to answer with a problem.

    An HTTPException, because FastAPI lets no other pass while it reads a body.
    """

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        field: str | None = None,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        if name not in KINDS:
            raise ValueError(
                f"{name!r} is no kind of problem; there are {', '.join(KINDS)}"
            )
        super().__init__(status_code=status, detail=detail, headers=headers)
        self.name = name
        self.field = field
        self.errors = tuple(errors)
        self.more = more or {}


def not_found(what: str) -> Problem:
    """The answer where something is not there or not for those who ask."""
    return Problem(404, "not-found", f"There is no {what}.")


def answer(problem: Problem, *, request_id: str | None) -> JSONResponse:
    """The problem as a response."""
    content: dict[str, Any] = {
        "type": f"/problems/{problem.name}",
        "title": KINDS[problem.name].title,
        "status": problem.status_code,
        "detail": problem.detail,
    }
    if problem.field is not None:
        content["field"] = problem.field
    if problem.errors:
        content["errors"] = [fault.model_dump() for fault in problem.errors]
    if request_id is not None:
        content["request_id"] = request_id
    return JSONResponse(
        {**content, **problem.more},
        status_code=problem.status_code,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: these statuses answer with a problem."""
    return {
        status: {
            "description": DESCRIPTIONS[status],
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemView"}}
            },
        }
        for status in statuses
    }


DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "Who is asking is not known.",
    403: "This is not for your role.",
    404: "There is no such thing, or it is not yours to see.",
    405: "This address does not take that method.",
    408: "The request took too long to arrive.",
    409: "It does not fit what is there.",
    412: "Somebody else was faster.",
    413: "The request is too large.",
    415: "The body is of a kind that is not read here.",
    416: "The range is not within the body.",
    422: "A field, a parameter or a header cannot be used.",
    429: "Too many requests.",
    500: "A defect in callmon.",
    503: "A part that is needed does not work.",
}


def of_callmon(error: CallmonError) -> Problem:
    """What our own errors are to a client."""
    detail = str(error)
    match error:
        case NotFound():
            return Problem(404, "not-found", detail)
        case OnHold():
            return Problem(409, "conflict", detail)
        case TooLarge():
            return Problem(413, "too-large", detail)
        case BadRecording():
            return Problem(415, "bad-recording", detail)
        case BadTranscript():
            return Problem(422, "invalid-request", detail)
        case StoreUnavailable() | MissingModel() | StoreOutdated() | BadSettings():
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return Problem(503, "not-ready", detail, headers=headers)
        case Permanent():
            return Problem(422, "invalid-request", detail)
        case Transient():
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return Problem(503, "not-ready", detail, headers=headers)
    return Problem(500, "internal", "Something went wrong here.")


def of_http(error: HTTPException) -> Problem:
    """What Starlette and FastAPI raise by themselves."""
    match error.status_code:
        case 404:
            return Problem(404, "not-found", "There is nothing at this address.")
        case 405:
            return Problem(
                405,
                "method-not-allowed",
                "This address does not take that method; the header Allow names those that"
                " it takes.",
            )
        case 400:  # no UTF-8, or nested deeper than is read
            return Problem(422, "invalid-request", "The body is no JSON.", field="body")
        case 413:
            return Problem(413, "too-large", "The body is larger than is taken in.")
        case status if status < 500:
            return Problem(status, "invalid-request", "The body cannot be read.")
    return Problem(500, "internal", "Something went wrong here.")


def of_validation(error: RequestValidationError) -> Problem:
    """Names the fields that are wrong; the values themselves are not repeated."""
    found = error.errors()
    faults = [_fault(each) for each in found[:MOST_FAULTS]]
    first = faults[0]
    more = f" (and {len(found) - 1} more, see `errors`)" if len(found) > 1 else ""
    return Problem(
        422,
        "invalid-request",
        f"{first.field}: {first.message}.{more}",
        field=first.field,
        errors=faults,
    )


def _fault(error: Mapping[str, Any]) -> Fault:
    # ("body", "verdict", 0): the body's own name tells nothing.
    where = [str(part) for part in error["loc"] if part != "body"]
    if error["loc"][:1] in (("query",), ("path",), ("header",), ("cookie",)):
        where = where[1:]
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    if error["type"] == "json_invalid":
        where, message = [], "the body is no JSON"
    return Fault(field=".".join(where)[:MOST_CHARACTERS] or "body", message=message)


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem."""

    def callmon_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, CallmonError)
        return answer(of_callmon(error), request_id=request_id_of(request))

    def http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        problem = error if isinstance(error, Problem) else of_http(error)
        if error.status_code == 405:
            problem.headers = {"Allow": ", ".join(methods_of(request))}
        return answer(problem, request_id=request_id_of(request))

    def validation_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(of_validation(error), request_id=request_id_of(request))

    app.add_exception_handler(CallmonError, callmon_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, validation_error)


def methods_of(request: Request) -> list[str]:
    """All methods that the address takes; a single route knows only its own."""
    return sorted(
        {
            method
            for context in iter_route_contexts(request.app.routes)
            if compile_path(context.path or "")[0].match(request.scope["path"])
            for method in context.methods or ()
        }
    )


def request_id_of(request: Request) -> str | None:
    found = request.scope.get("state", {}).get("request_id")
    return found if isinstance(found, str) else None
