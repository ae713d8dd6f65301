"""Every setting of callmon, one sentence each.

Values come from secret files (`callmon_admin_key`), from environment variables
(`CALLMON_DATA`), from `callmon.toml` in the current folder, and from the command line, in
rising order. They are read once, at the edge of the program, and passed down.
"""

from __future__ import annotations

import difflib
import os
import platform
import re
import reprlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from callmon.errors import BadSettings

FILE = Path("callmon.toml")
PREFIX = "CALLMON_"
SECRETS = Path("/run/secrets")
"""Where containers find secrets as files, each named for its setting."""


def _expanded(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("a path cannot hold a null character")
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(str(error).rstrip(".")) from None


def _reachable(path: Path) -> Path:
    try:
        path.stat()
    except FileNotFoundError:
        pass
    except OSError as error:  # no right to look, a name too long, a file on the way
        reason = (error.strerror or type(error).__name__).lower()
        raise ValueError(f"the system does not reach it ({reason})") from None
    return path


_Line = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]

_Path = Annotated[Path, AfterValidator(_expanded), AfterValidator(_reachable)]


def _no_file(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise ValueError("this is a file; a folder would work")
    return path


def _existing_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("there is no such file; the path of a rubric would work")
    return path


def _device(device: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", device):
        raise ValueError("there is no such device; auto, cpu, cuda or cuda:1 would work")
    return device


def _database(secret: SecretStr) -> SecretStr:
    """The URL with the driver that is installed, from any usual way of writing it."""
    url = secret.get_secret_value()
    scheme, there, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return SecretStr(f"sqlite:///{_reachable(_expanded(Path(rest[1:])))}")
    if there and scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return SecretStr(f"postgresql+psycopg://{rest}")
    raise ValueError("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME would work")


def _origin(url: str) -> str:
    """An address without a path: what is under it is ours."""
    if not re.fullmatch(r"https?://[^/?#@\s]+/?", url):
        raise ValueError("https://NAME or http://NAME:PORT would work")
    return url.rstrip("/")


def _token(secret: SecretStr) -> SecretStr:
    # pyannote.audio takes any other token for one of another service and drops it
    # without a word.
    if not re.fullmatch(r"hf_[A-Za-z0-9]+", secret.get_secret_value()):
        raise ValueError("tokens of the model hub are `hf_` with letters and digits")
    return secret


def _base_url(url: str) -> str:
    """A web address to which a path can be added, and which holds no secret."""
    example = "an address such as http://localhost:11434/v1 would work"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"it is no web address; {example}") from None
    if not re.fullmatch(r"[!-~]+", url) or parts.scheme not in ("http", "https"):
        raise ValueError(f"it is no web address; {example}")
    if not parts.hostname or port == 0 or parts.query or parts.fragment:
        raise ValueError(f"it has no host, or more than a path; {example}")
    if "@" in parts.netloc:
        raise ValueError("it holds a name or a key; opinion_key is for that of opinion_url")
    return url.rstrip("/")


def _key(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]+", secret.get_secret_value()):
        raise ValueError("keys are letters, digits and signs without blanks")
    return secret


def _language(value: object) -> object:
    """`auto` stands for no language, since neither TOML nor the environment has null."""
    if isinstance(value, str):
        value = value.strip().lower()
        return None if value == "auto" else value
    return value


def default_data() -> Path:
    """`callmon` in XDG_DATA_HOME, which has to be absolute, or in ~/.local/share."""
    named = os.environ.get("XDG_DATA_HOME", "")
    if Path(named).is_absolute():
        return Path(named) / "callmon"
    try:
        return Path.home() / ".local" / "share" / "callmon"
    except RuntimeError:
        raise BadSettings(
            "This user has no home folder for callmon's data. Name a folder in"
            f" {PREFIX}DATA."
        ) from None


class Source(BaseModel):
    """Where recordings come from, and what is the same in all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent_channel: Literal["auto", "left", "right"] | None = None
    """Channel of the agent; None is as in all other sources."""

    direction: Literal["inbound", "outbound"] | None = None
    """Whether customers call (`inbound`) or the company does; None is not known."""

    name_pattern: _Line | None = None
    """What the names of these recordings tell; None is as in all other sources."""


class Settings(BaseSettings):
    """What can be set; see the module for where."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    data: Annotated[_Path, AfterValidator(_no_file)] = Field(default_factory=default_data)
    """Folder for the database, the media and the models."""

    asr: _Line = "small.en"
    """Speech model: a name from `callmon models list`, or the path of a model's folder."""

    diarizer: _Line = "auto"
    """What tells the voices of one channel apart: `auto` takes pyannote.audio where its
    weights are, else `clustering`, which needs none; or a pyannote.audio pipeline, by its
    name on the model hub or its folder."""

    hub_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    """Token of the model hub, for models whose licence has to be accepted there."""

    language: Annotated[
        Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None, BeforeValidator(_language)
    ] = None
    """Language of the calls as ISO 639 code such as `en`; `auto` lets the model tell."""

    device: Annotated[str, AfterValidator(_device)] = "auto"
    """Where models run: `auto`, `cpu`, `cuda` or, for the second of several GPUs,
    `cuda:1`; `auto` takes a GPU that is usable."""

    threads: Annotated[int, Field(ge=0, le=1024)] = 0
    """Processor threads for the models, 1 to 1024; 0 takes the cores, up to eight."""

    max_call_seconds: Annotated[int, Field(ge=1, le=86400)] = 14400
    """Longest recording that is analysed, in whole seconds, up to a day."""

    agent_channel: Literal["auto", "left", "right"] = "auto"
    """Channel of the agent in calls with a channel for each party: `left`, `right`, or
    `auto`, where the words decide."""

    role_confidence: Annotated[float, Field(ge=0.5, le=1.0)] = 0.85
    """How sure the words must make it who is the agent, 0.5 to 1; under it the parties
    stay unknown and empathy is not judged."""

    sources: Mapping[_Line, Source] = {}
    """What is known of recordings by where they come from: tables `[sources.NAME]` with
    `agent_channel`, `direction` (`inbound` or `outbound`) and `name_pattern`."""

    source: _Line | None = None
    """Where the recordings come from: a name among `sources`."""

    name_pattern: _Line | None = None
    """What the names of recordings tell, with named places such as
    `{agent}_{queue}_{started:%Y%m%d-%H%M%S}.wav`."""

    rubric: Annotated[_Path, AfterValidator(_existing_file)] | None = None
    """File with the rubric, in place of the one that comes with callmon."""

    database: Annotated[SecretStr, AfterValidator(_database)] | None = None
    """URL of the database, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`;
    without one it is the file `callmon.db` in the data folder."""

    media: _Line | None = None
    """Where recordings are kept: a folder, or a URL such as `s3://BUCKET/calls`; without
    one it is the folder `media` in the data folder."""

    max_upload_bytes: Annotated[int, Field(ge=1)] = 2 * 1024**3
    """Largest recording that is taken in, in bytes."""

    min_free_bytes: Annotated[int, Field(ge=0)] = 500 * 1024**2
    """Bytes that must stay free on the disk; below them nothing is taken in."""

    max_queued: Annotated[int, Field(ge=1)] = 10_000
    """Recordings that may wait; while there are more, watched folders are left alone."""

    worker_name: _Line = Field(default_factory=lambda: platform.node() or "callmon")
    """Name of this worker, the same after a restart and different from every other's."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 1
    """Recordings that one worker analyses at a time; each takes a process of its own."""

    worker_memory: Annotated[float, Field(gt=0.0, lt=1_000_000)] | None = None
    """How many GiB the process of one recording may take; one that takes more is ended and
    tried again. Without it the system decides."""

    max_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    """How often a recording is tried before it is given up."""

    step_limit: Annotated[float, Field(ge=0.0, le=10_000.0)] = 30.0
    """How many times the length of a call one step of its analysis may take, and half an
    hour at least; then its process is ended and it is tried again; 0 is no limit."""

    retention_days: Annotated[int, Field(ge=1)] | None = None
    """Days after which recordings and what was found in them are deleted; without a
    number they are kept."""

    stable_seconds: Annotated[float, Field(ge=0.0, le=3600.0)] = 5.0
    """Seconds for which a file in a watched folder must stay as it is before it is
    taken."""

    sidecar_seconds: Annotated[float, Field(ge=0.0, le=3600.0)] = 5.0
    """Seconds for which a watched file without its `.json` beside it is left waiting for
    it."""

    rescan_seconds: Annotated[float, Field(ge=1.0, le=86400.0)] = 120.0
    """Seconds between two full looks through the watched folders."""

    poll: Literal["auto", "always", "never"] = "auto"
    """Whether watched folders are looked through again and again (network shares need it)
    instead of being told by the system; `auto` tells them apart by themselves."""

    after: Literal["keep", "move", "delete"] = "keep"
    """What becomes of a watched file that was taken: it stays, it goes to `done/` (or
    `failed/`, with the reason beside it), or it is deleted."""

    control_share: Annotated[float, Field(ge=0.0, le=0.5)] = 0.1
    """Share of the review queue, 0 to 0.5, that are random moments which were not flagged:
    what reviewers find in them tells how much is missed."""

    blind_first: bool = False
    """When true, reviewers see what callmon thinks of a moment only after they have said
    what they think."""

    admin_key: SecretStr | None = None
    """The first admin's key for the API, 32 random characters or more; without one the
    first start on this machine makes a key and prints it."""

    public_url: Annotated[str, AfterValidator(_origin)] | None = None
    """Where browsers find the API, such as `https://callmon.example.com`."""

    requests_per_minute: Annotated[int, Field(ge=0)] = 1200
    """How often one key or user may ask the API; 0 is no limit."""

    trusted_proxies: _Line = "127.0.0.1"
    """Addresses of proxies, separated by commas, that are believed when they say who asks
    the API and whether by https."""

    oidc_issuer: _Line | None = None
    """Provider of single sign-on by OpenID Connect, by its URL."""

    oidc_client_id: _Line | None = None
    """By what the provider knows callmon."""

    oidc_client_secret: SecretStr | None = None
    """The secret that the provider gave for it."""

    oidc_role_claim: _Line = "groups"
    """The provider's claim that tells a user's role; `realm_access.roles` looks into an
    object."""

    oidc_roles: Mapping[
        _Line, Literal["uploader", "reviewer", "supervisor", "admin", "agent"]
    ] = {}
    """The role for each value of that claim: a table `[oidc_roles]` with lines such as
    `quality = "reviewer"`; who has none of them is not let in."""

    oidc_team_claim: _Line | None = None
    """The claim with the teams of reviewers and supervisors; without one they see all."""

    oidc_agent_claim: _Line | None = None
    """The claim with an agent's name as recordings have it."""

    traces_url: Annotated[str, AfterValidator(_base_url)] | None = None
    """Where traces go, by OpenTelemetry over HTTP, such as
    `http://collector:4318/v1/traces`; without it none are made."""

    webhook_private: bool = False
    """When true, webhooks may go to addresses inside private networks and to this machine,
    and without encryption; services that hand out credentials are never asked."""

    opinion_model: _Line | None = None
    """Name of the language model that is asked for second opinions, as its server knows
    it, such as `llama3.1:8b`."""

    opinion_url: Annotated[str, AfterValidator(_base_url)] | None = None
    """Address of a server with an OpenAI-compatible interface, such as
    `http://localhost:11434/v1`, which is asked for second opinions; without one none is
    asked."""

    opinion_key: Annotated[SecretStr, AfterValidator(_key)] | None = None
    """Key for that server, where it wants one."""

    opinion_below: Annotated[float, Field(ge=0.0, le=1.0)] = 0.7
    """Confidence, 0 to 1, under which the language model is asked about a finding."""

    opinion_plain_http: bool = False
    """When true, that server may be at a public address without encryption; when false,
    http is for this machine and private networks only."""

    offline: bool = False
    """When true, nothing is ever downloaded."""

    @field_validator("opinion_url")
    @classmethod
    def _has_model(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is not None and info.data.get("opinion_model") is None:
            raise ValueError("it needs the name of a model in opinion_model too")
        return url

    @field_validator("source")
    @classmethod
    def _is_described(cls, name: str | None, info: ValidationInfo) -> str | None:
        known = info.data.get("sources", {})
        if name is not None and name not in known:
            there = f"there are {', '.join(known)}" if known else "none is described"
            raise ValueError(f"no table [sources.{name}] in {FILE}; {there}")
        return name

    @property
    def of_source(self) -> Source:
        """What is known of these recordings: by their source, else for all."""
        named = self.sources[self.source] if self.source is not None else Source()
        channel = named.agent_channel or self.agent_channel
        return named.model_copy(update={"agent_channel": channel})

    @property
    def database_url(self) -> str:
        """For SQLAlchemy; holds the password, so it is never shown."""
        if self.database is None:
            return f"sqlite:///{self.data / 'callmon.db'}"
        return self.database.get_secret_value()

    @property
    def queue_url(self) -> str:
        """Of the jobs: beside the database of SQLite, within that of PostgreSQL."""
        if self.database_url.startswith("sqlite:"):
            path = Path(self.database_url.removeprefix("sqlite:///"))
            return f"sqlite:///{path.with_name(f'{path.stem}-queue.db')}"
        return self.database_url

    @property
    def media_url(self) -> str:
        """For fsspec: a folder's path, or a URL."""
        return str(self.data / "media") if self.media is None else self.media

    @property
    def model_cache(self) -> Path:
        """Where downloaded models lie."""
        return self.data / "models"


def load_settings(**overrides: Any) -> Settings:
    """The settings of this run; an override that is None was not given.

    Raises BadSettings for a name or a value that cannot be used, saying where it stands
    and what would work.
    """
    _refuse_slips()
    written = _read(FILE)
    given = {name: value for name, value in overrides.items() if value is not None}
    folder = _secrets()
    try:
        return Settings(_secrets_dir=folder, **{**written, **given})
    except ValidationError as error:
        fault = error.errors()[0]
    except SettingsError as error:
        if isinstance(error.__cause__, OSError | UnicodeDecodeError):
            raise BadSettings(
                f"A secret in {folder} cannot be read: {error.__cause__}. Give this user"
                " the right to, and save it as UTF-8 text."
            ) from None
        # A table in the environment that is not JSON; the message names the field.
        raise BadSettings(
            f"{error}. Tables in the environment are JSON, such as"
            f""" {PREFIX}SOURCES='{{"pbx": {{"agent_channel": "left"}}}}'."""
        ) from None
    name = str(fault["loc"][0])
    where = ".".join(str(part) for part in fault["loc"])
    if name in given:
        source = f"on the command line (--{name.replace('_', '-')})"
    elif name in written:
        source = f"in {FILE}"
    elif f"{PREFIX}{name.upper()}" in os.environ:
        source = f"in the environment ({PREFIX}{name.upper()})"
    else:
        source = f"in {folder}"
    if fault["type"] == "extra_forbidden":
        raise BadSettings(_no_setting([str(part) for part in fault["loc"]], source))
    value = reprlib.repr(fault["input"])
    # A token that slipped into another setting is still one.
    secret = "SecretStr" in str(Settings.model_fields[name].annotation)
    if secret or "hf_" in value or "@" in value:
        value = "not shown"
    wrong = fault["msg"].removeprefix("Value error, ")
    raise BadSettings(
        f"The setting {where} is {value} {source}: {wrong}."
        f" What is wanted: {' '.join(str(Settings.model_fields[name].description).split())}"
    )


def _no_setting(place: Sequence[str], source: str) -> str:
    """The sentence for a name that is none, without its value, which may be a token."""
    *table, name = place
    known = ", ".join(Source.model_fields if table else Settings.model_fields)
    text = (
        f"There is no setting {'.'.join(place)!r}, which stands {source};"
        f" there are {known}."
    )
    if table and name in Settings.model_fields:
        text += f" Put {name} above the first [table], where it holds for all."
    return text


def _secrets() -> Path | None:
    """The folder of secrets: systemd names it (LoadCredential=), Docker's is always one."""
    folder = Path(os.environ.get("CREDENTIALS_DIRECTORY") or SECRETS)
    return folder if folder.is_dir() else None


def _read(path: Path) -> dict[str, Any]:
    """The settings in a TOML file; none when there is no file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise BadSettings(
            f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        # The message ends in "(at line 3, column 7)".
        raise BadSettings(
            f'{path} is not TOML: {error}. Lines such as `asr = "small.en"` would work.'
        ) from None


def _refuse_slips() -> None:
    """Refuses an environment variable that is nearly the name of a setting.

    Others with our prefix are left alone: Kubernetes sets CALLMON_PORT and
    CALLMON_SERVICE_HOST by itself for a service that is called callmon.
    """
    for variable in sorted(os.environ):
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or name in Settings.model_fields:
            continue
        meant = difflib.get_close_matches(name, Settings.model_fields, n=1, cutoff=0.8)
        if meant:
            raise BadSettings(
                f"The environment has {variable}, which is no setting;"
                f" {PREFIX}{meant[0].upper()} would work."
            )
