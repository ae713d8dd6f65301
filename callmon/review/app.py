"""The app: its routes, what stands around them, and what has to be true of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import RouteContext, iter_route_contexts

from callmon import __version__
from callmon.review import audit, health, me, metrics, problems, views
from callmon.review.access import keys, sign_in, sign_on, users
from callmon.review.access.provider import Provider
from callmon.review.access.roles import Allowed, open_to_all
from callmon.review.bodies import Bodies, Patience, of_the_right_kind
from callmon.review.calibration import calibration, rounds
from callmon.review.enumerations import name_enumerations
from callmon.review.envelope import Envelope
from callmon.review.findings import (
    assigning,
    coaching,
    disputing,
    history,
    moments,
    one,
    queue,
    verdicts,
)
from callmon.review.pages import routes as pages
from callmon.review.pages import static
from callmon.review.parameters import any_parameters, only_known_parameters
from callmon.review.privacy import holds, inferences, retention
from callmon.review.problems import ProblemView, declared
from callmon.review.recordings import (
    editing,
    following,
    listing,
    reading,
    sound,
    upload,
)
from callmon.review.recordings import one as recording
from callmon.review.reports import fairness, groups, kinds, promises
from callmon.review.site import Site
from callmon.review.webhooks import targets

PATIENCE = Patience()

DESCRIPTION = """\
Upload recordings, follow their analysis, review what was found, measure and report.

Every error is a problem document (RFC 9457). Lists come in pages: give the `next` of one as
`cursor` for the one after it. Times are ISO 8601 in UTC, positions in a call are seconds.
"""


def routers() -> list[APIRouter]:
    """All routes of `/v1`, area by area."""
    return [
        me.router,
        sign_in.router,
        sign_on.router,
        keys.router,
        users.router,
        audit.router,
        upload.router,
        listing.router,
        recording.router,
        editing.router,
        following.router,
        reading.router,
        sound.router,
        sound.of_findings,
        queue.router,
        one.router,
        verdicts.router,
        assigning.router,
        coaching.router,
        disputing.router,
        history.router,
        moments.router,
        calibration.router,
        rounds.router,
        groups.router,
        kinds.router,
        fairness.router,
        promises.router,
        views.router,
        targets.router,
        inferences.router,
        retention.router,
        holds.router,
    ]


def create_app(site: Site, *, patience: Patience = PATIENCE) -> FastAPI:
    """The API on this site. RuntimeError: a route does not say who may use it."""
    app = FastAPI(
        title="callmon",
        version=__version__,
        description=DESCRIPTION,
        # The pages of FastAPI load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(of_the_right_kind), Depends(only_known_parameters)],
        responses=declared(401, 403, 422, 429, 503),
    )
    app.state.site = site
    app.state.provider = (
        None
        if site.options.single_sign_on is None
        else Provider(site.options.single_sign_on)
    )
    app.state.metrics = metrics.Metrics(site)
    problems.install(app)
    v1 = APIRouter(prefix="/v1")
    for router in routers():
        v1.include_router(router)
    app.include_router(v1)
    for router in (health.router, metrics.router, *pages.routers()):
        app.include_router(router)
    static.mount(app)
    app.state.parameters = check_routes(app)
    describe(app)
    app.state.paths = {
        context.endpoint: context.path for context in iter_route_contexts(app.routes)
    }
    app.add_middleware(
        Bodies, max_upload_bytes=site.options.max_upload_bytes, patience=patience
    )
    app.add_middleware(Envelope)
    return app


def describe(app: FastAPI) -> None:
    """Puts what no route says by itself into the document: the form of problems, and how
    bodies are refused."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            for operations in document["paths"].values():
                for operation in operations.values():
                    if "requestBody" in operation:
                        refused = declared(408, 413, 415)
                        operation["responses"] |= {str(k): v for k, v in refused.items()}
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            form = ProblemView.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            schemas |= form.pop("$defs", {}) | {"ProblemView": form}
            name_enumerations(document)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def check_routes(app: FastAPI) -> dict[Callable[..., Any], frozenset[str] | None]:
    """That each route says who may use it; the query parameters that each endpoint knows,
    None where others decide what they send."""
    known: dict[Callable[..., Any], frozenset[str] | None] = {}
    for context in iter_route_contexts(app.routes):
        if getattr(context, "dependant", None) is None:
            continue  # the OpenAPI document
        if len(access_of(context)) != 1:
            raise RuntimeError(
                f"{context.path} has to depend on exactly one allow(...) or open_to_all"
            )
        parameters = get_flat_params(context.dependant)
        calls = {each.call for each in context.dependant.dependencies}
        assert context.endpoint is not None
        known[context.endpoint] = (
            None
            if any_parameters in calls
            else frozenset(
                each.alias for each in parameters if isinstance(each.field_info, Query)
            )
        )
    return known


def access_of(context: RouteContext) -> list[Any]:
    """What a route says of who may use it."""
    return [
        each.call
        for each in context.dependant.dependencies
        if isinstance(each.call, Allowed) or each.call is open_to_all
    ]
