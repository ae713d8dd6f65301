"""Our scripts, styles and the libraries beside them."""

from __future__ import annotations

import os
from typing import Final

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from callmon.review.pages.rendering import STATIC

FOR_GOOD: Final = "public, max-age=31536000, immutable"
FOR_NOW: Final = "no-cache"


class Files(StaticFiles):
    """Files whose address changes with their content, so that browsers keep them."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        marked = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = FOR_GOOD if marked else FOR_NOW
        return response


def mount(app: FastAPI) -> None:
    app.mount("/static", Files(directory=STATIC), name="static")
