"""`callmon serve`: the review API, and a worker beside it."""

from __future__ import annotations

import argparse
import contextlib
import resource
import signal
import socket
from pathlib import Path

from pydantic import ValidationError

from callmon import tracing
from callmon.commands.worker_process import WorkerProcess
from callmon.errors import BadSettings
from callmon.jobs.queue import Queue
from callmon.review import logs
from callmon.review.access.claims import SingleSignOn
from callmon.review.app import create_app
from callmon.review.first_key import is_loopback, make_first_key
from callmon.review.listening import listen, server
from callmon.review.site import Options, Site, utc_now
from callmon.review.webhooks.courier import Courier
from callmon.settings import Settings, load_settings
from callmon.store.database import Database
from callmon.store.media import Media

OPEN_FILES = 16_384


def run(arguments: argparse.Namespace) -> int:
    """Listens until SIGTERM or Ctrl-C; a second one ends at once."""
    with contextlib.ExitStack() as closing:
        stage = None
        if arguments.demo is not None:
            # Imported here: with it come the stages of the analysis.
            from callmon.commands.demonstration import NOTICE, describe, open_stage

            folder = Path(arguments.demo) if arguments.demo else None
            stage = closing.enter_context(open_stage(folder, host=arguments.host))
        settings = load_settings()
        options = options_of(settings, host=arguments.host)
        settings.data.mkdir(parents=True, exist_ok=True)
        database = closing.enter_context(Database.open(settings.database_url))
        if stage is None:
            _see_to_an_admin(database, settings, host=arguments.host)
        else:
            options = options.model_copy(update={"notice": NOTICE})
        listener = closing.enter_context(listen(arguments.host, arguments.port))
        site = Site(
            database=database,
            media=Media.open(settings.media_url),
            queue=closing.enter_context(Queue.open(settings.queue_url)),
            options=options,
        )
        entry = None if stage is None else stage.set_up(site)
        listening = server(create_app(site), trusted_proxies=settings.trusted_proxies)
        worker = WorkerProcess() if arguments.worker else None

        def end(*_: object) -> None:
            site.ending.set()
            listening.end()
            if worker is not None:
                worker.end()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        logs.configure()
        tracing.configure(settings.traces_url, service="callmon-web")
        closing.callback(tracing.finish)
        _allow_many_files()
        closing.enter_context(Courier(database, private=options.webhook_private))
        if worker is not None:
            worker.start()
        address = f"http://{_shown(listener)}"
        _tell(f"callmon: {address}, ends with Ctrl-C.")
        if entry is not None:
            _tell(describe(address, *entry))
        try:
            listening.run(sockets=[listener])
        finally:
            if worker is not None:
                if not worker.is_ending:
                    worker.end()
                worker.wait()
    return 0


def _see_to_an_admin(database: Database, settings: Settings, *, host: str) -> None:
    given = settings.admin_key
    with database.writing() as connection:
        made = make_first_key(
            connection,
            given=None if given is None else given.get_secret_value(),
            host=host,
            at=utc_now(),
            tell=lambda text: _tell(f"callmon: {text}"),
        )
    if made is not None:
        _tell(f"Admin key, shown this once: {made}")
        _tell("People sign in with an account: `callmon users add NAME --role reviewer`.")


def _allow_many_files() -> None:
    """A connection is a file, an upload two; the usual limit is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _tell(text: str) -> None:
    """On standard output: standard error has the log, where no key may stand."""
    print(text, flush=True)  # noqa: T201


def options_of(settings: Settings, *, host: str) -> Options:
    """What the API needs of the settings. Raises BadSettings."""
    try:
        return Options(
            max_upload_bytes=settings.max_upload_bytes,
            min_free_bytes=settings.min_free_bytes,
            max_queued=settings.max_queued,
            control_share=settings.control_share,
            blind_first=settings.blind_first,
            requests_per_minute=settings.requests_per_minute,
            retention_days=settings.retention_days,
            webhook_private=settings.webhook_private,
            rubric=settings.rubric,
            # Without TLS, which only a proxy in front of us has, browsers would not take
            # them; on this machine alone nobody listens in.
            secure_cookies=not is_loopback(host)
            or (settings.public_url or "").startswith("https://"),
            public_url=settings.public_url,
            single_sign_on=_single_sign_on(settings),
        )
    except ValidationError as error:
        fault = error.errors()[0]
        message = fault["msg"].removeprefix("Value error, ")
        raise BadSettings(f"The settings of single sign-on: {message}.") from None


def _single_sign_on(settings: Settings) -> SingleSignOn | None:
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None or settings.oidc_client_secret is None:
        raise BadSettings(
            "Single sign-on needs the settings oidc_client_id and oidc_client_secret, as"
            " the provider gives them."
        )
    return SingleSignOn(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        role_claim=settings.oidc_role_claim,
        roles=settings.oidc_roles,
        team_claim=settings.oidc_team_claim,
        agent_claim=settings.oidc_agent_claim,
    )


def _shown(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
