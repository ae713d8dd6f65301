from __future__ import annotations

from pathlib import Path

import pytest

from callmon.errors import BadSettings
from callmon.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings are read from the current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(text: str) -> None:
    Path("callmon.toml").write_text(text, encoding="utf-8")


def problem(**overrides: object) -> str:
    with pytest.raises(BadSettings) as caught:
        load_settings(**overrides)
    return str(caught.value)


def test_without_anything_set_the_defaults_hold() -> None:
    settings = load_settings()
    assert (settings.asr, settings.language, settings.device) == ("small.en", None, "auto")
    assert (settings.threads, settings.max_call_seconds) == (0, 14400)
    assert (settings.rubric, settings.offline) == (None, False)


def test_the_data_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLMON_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    assert load_settings().data == Path("/somewhere/data/callmon")


@pytest.mark.parametrize("named", ["", "relative/data"])
def test_the_data_folder_is_in_the_home_folder_otherwise(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.delenv("CALLMON_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", named)
    monkeypatch.setenv("HOME", "/home/someone")
    assert load_settings().data == Path("/home/someone/.local/share/callmon")


def test_models_are_cached_in_the_data_folder(tmp_path: Path) -> None:
    assert load_settings(data=tmp_path).model_cache == tmp_path / "models"


def test_the_environment_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLMON_ASR", "tiny.en")
    assert load_settings().asr == "tiny.en"


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLMON_ASR", "")
    assert load_settings().asr == "small.en"


def test_the_file_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLMON_ASR", "tiny.en")
    write('asr = "base.en"')
    assert load_settings().asr == "base.en"


def test_the_command_line_beats_the_file() -> None:
    write('asr = "base.en"\nthreads = 2')
    settings = load_settings(asr="demo", threads=None)
    assert (settings.asr, settings.threads) == ("demo", 2)


def test_auto_is_no_language() -> None:
    write('language = "auto"')
    assert load_settings().language is None


def test_languages_are_lower_case() -> None:
    assert load_settings(language="EN").language == "en"


def test_the_home_sign_is_read_in_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert load_settings(data="~/calls").data == Path("/home/someone/calls")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().asr = "demo"  # type: ignore[misc]


def test_a_wrong_value_on_the_command_line_names_its_option() -> None:
    text = problem(max_call_seconds=0)
    assert "max_call_seconds is 0 on the command line (--max-call-seconds)" in text


def test_a_wrong_value_in_the_file_names_the_file() -> None:
    write('device = "tpu"')
    assert (
        "device is 'tpu' in callmon.toml: there is no such device; auto, cpu, cuda"
        in problem()
    )


def test_a_wrong_value_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALLMON_THREADS", "many")
    assert "threads is 'many' in the environment (CALLMON_THREADS)" in problem()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("asr", ""),
        ("asr", "a\x1b[31m"),
        ("language", "english"),
        ("threads", -1),
        ("threads", 5000),
        ("max_call_seconds", 10**12),
        ("offline", "perhaps"),
        ("agent_channel", "middle"),
        ("role_confidence", 0.2),
        ("role_confidence", 1.5),
        ("rubric", "/no/such/rubric.toml"),
        ("data", "~no-such-user/x"),
        ("data", "a\0b"),
        ("opinion_url", "localhost:11434"),
        ("opinion_url", "ftp://localhost/v1"),
        ("opinion_url", "http:///v1"),
        ("opinion_url", "http://localhost:99999/v1"),
        ("opinion_url", "http://local host/v1"),
        ("opinion_url", "http://localhost/v1?key=x"),
        ("opinion_key", "two words"),
        ("opinion_key", "line\nbreak"),
        ("opinion_below", 1.5),
    ],
)
def test_unsafe_values_are_refused_with_what_is_wanted(name: str, value: object) -> None:
    text = problem(**{name: value})
    assert f"The setting {name} is " in text
    assert " ".join(str(Settings.model_fields[name].description).split()) in text
    assert "\x1b" not in text


def test_a_source_says_where_its_agent_is() -> None:
    write(
        '[sources.pbx]\nagent_channel = "left"\n[sources.dialler]\ndirection = "outbound"'
    )
    assert load_settings(source="pbx").of_source.agent_channel == "left"
    dialler = load_settings(source="dialler").of_source
    assert (dialler.agent_channel, dialler.direction) == ("auto", "outbound")


def test_without_a_source_the_channel_for_all_holds() -> None:
    write('agent_channel = "right"\n[sources.pbx]\nagent_channel = "left"')
    assert load_settings().of_source.agent_channel == "right"
    assert load_settings().of_source.direction is None


def test_a_source_can_leave_it_to_the_words_when_others_do_not() -> None:
    write('agent_channel = "right"\n[sources.mixed]\nagent_channel = "auto"')
    assert load_settings(source="mixed").of_source.agent_channel == "auto"


def test_a_source_that_is_not_described_is_refused_with_those_that_are() -> None:
    write("[sources.pbx]")
    text = problem(source="pxb")
    assert "no table [sources.pxb] in callmon.toml; there are pbx" in text


def test_a_wrong_value_of_a_source_is_named_with_its_place() -> None:
    write('[sources.pbx]\nagent_channel = "middle"')
    assert "The setting sources.pbx.agent_channel is 'middle' in callmon.toml" in problem()


def test_sources_in_the_environment_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLMON_SOURCES", '{"pbx": {"agent_channel": "left"}}')
    assert load_settings(source="pbx").of_source.agent_channel == "left"
    monkeypatch.setenv("CALLMON_SOURCES", "pbx=left")
    assert "are JSON" in problem()


def test_a_file_is_no_data_folder(empty_folder: Path) -> None:
    (empty_folder / "f").touch()
    assert "this is a file; a folder would work" in problem(data=empty_folder / "f")


@pytest.mark.parametrize("name", ["data", "rubric"])
def test_a_path_that_the_system_does_not_reach_is_refused(name: str) -> None:
    assert "too long" in problem(**{name: "a" * 300})


def test_an_unknown_key_in_the_file_is_refused() -> None:
    write('azr = "demo"')
    text = problem()
    assert "no setting 'azr', which stands in callmon.toml" in text
    assert "asr" in text


def test_a_slip_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLMON_DEVCIE", "cpu")
    assert "CALLMON_DEVCIE, which is no setting; CALLMON_DEVICE would work" in problem()


def test_what_kubernetes_sets_for_a_service_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALLMON_PORT", "tcp://10.0.0.1:8000")
    monkeypatch.setenv("CALLMON_SERVICE_HOST", "10.0.0.1")
    assert load_settings().asr == "small.en"


def test_a_setting_in_the_table_of_a_source_is_told_where_to_stand() -> None:
    """Whatever is added at the end of the file falls into its last table."""
    write('[sources.pbx]\nagent_channel = "left"\nhub_token = "hf_Secret1"')
    text = problem()
    assert "There is no setting 'sources.pbx.hub_token'" in text
    assert (
        "there are agent_channel, direction, name_pattern. Put hub_token above the first"
        in text
    )
    assert "Secret1" not in text


@pytest.mark.parametrize(
    "line",
    ['sources = "hf_Secret1"', '[sources]\npbx = "hf_Secret1"', 'token = "hf_Secret1"'],
)
def test_a_token_in_a_wrong_place_is_not_shown(line: str) -> None:
    write(line)
    assert "Secret1" not in problem()


@pytest.mark.parametrize("name", ["", "\\u001b[31m", "a\\nb"])
def test_a_source_needs_a_name_of_one_line(name: str) -> None:
    write(f'[sources."{name}"]')
    assert "The setting sources." in problem()


@pytest.mark.parametrize("name", ["a.b", "Zentrale Köln", "../pbx", "0"])
def test_a_source_can_have_any_name(name: str) -> None:
    write(f'[sources."{name}"]\nagent_channel = "left"')
    assert load_settings(source=name).of_source.agent_channel == "left"


def test_a_file_that_is_not_toml_is_refused_with_its_line() -> None:
    write('asr = "demo"\nthreads 2')
    assert "callmon.toml is not TOML" in problem()
    assert "at line 2" in problem()


def test_a_file_that_is_not_utf8_is_refused() -> None:
    Path("callmon.toml").write_bytes(b'asr = "\xff"')
    assert "is not UTF-8 text" in problem()


def test_a_folder_called_like_the_file_is_refused() -> None:
    Path("callmon.toml").mkdir()
    assert "callmon.toml cannot be read" in problem()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_sentence(name: str) -> None:
    assert str(Settings.model_fields[name].description).endswith(".")


def test_the_hub_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLMON_HUB_TOKEN", "hf_Secret1")
    settings = load_settings()
    assert settings.hub_token is not None
    assert settings.hub_token.get_secret_value() == "hf_Secret1"
    assert "Secret1" not in f"{settings!r}{settings}{settings.model_dump_json()}"


@pytest.mark.parametrize("token", ["Secret1", "hf_Secret1 x", "hf_Secret1\n"])
def test_a_wrong_hub_token_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("CALLMON_HUB_TOKEN", token)
    with pytest.raises(BadSettings, match="`hf_`") as caught:
        load_settings()
    assert "Secret1" not in str(caught.value)


def test_without_a_hub_token_there_is_none() -> None:
    assert load_settings().hub_token is None


def test_no_second_opinion_is_asked_by_default() -> None:
    assert load_settings().opinion_url is None


def test_the_address_of_a_language_model_needs_the_models_name() -> None:
    url = "http://localhost:11434/v1"
    assert "opinion_model" in problem(opinion_url=url)
    assert load_settings(opinion_url=f"{url}/", opinion_model="m").opinion_url == url


def test_a_key_in_the_address_of_a_language_model_is_refused_and_not_shown() -> None:
    text = problem(opinion_url="https://me:s3cret@model.test/v1", opinion_model="m")
    assert "opinion_key" in text
    assert "s3cret" not in text


def test_the_key_of_a_language_model_is_never_shown() -> None:
    assert "s3cret" not in repr(load_settings(opinion_key="s3cret"))
    assert "s3 cret" not in problem(opinion_key="s3 cret")


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of secrets, as systemd names it."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def test_secrets_come_from_files_named_for_their_settings(secrets: Path) -> None:
    (secrets / "callmon_admin_key").write_text("k" * 32 + "\n")
    (secrets / "another_service").write_text("not ours")
    key = load_settings().admin_key
    assert key is not None
    assert key.get_secret_value() == "k" * 32


def test_the_environment_beats_a_secret_file(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (secrets / "callmon_asr").write_text("base.en")
    assert load_settings().asr == "base.en"
    monkeypatch.setenv("CALLMON_ASR", "tiny.en")
    assert load_settings().asr == "tiny.en"


def test_docker_has_one_folder_for_secrets(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    monkeypatch.setattr("callmon.settings.SECRETS", secrets)
    (secrets / "callmon_asr").write_text("base.en")
    assert load_settings().asr == "base.en"


def test_a_wrong_secret_is_told_with_its_folder_and_not_shown(secrets: Path) -> None:
    (secrets / "callmon_database").write_text("mysql://callmon:hunter2@db/callmon")
    told = problem()
    assert f"database is not shown in {secrets}" in told
    assert "hunter2" not in told


def test_a_secret_that_is_no_text_is_told(secrets: Path) -> None:
    (secrets / "callmon_admin_key").write_bytes(b"\xff\xfe\xff")
    assert f"A secret in {secrets} cannot be read: 'utf-8'" in problem()


def test_a_secret_that_may_not_be_read_is_told(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = secrets / "callmon_admin_key"
    key.write_text("k" * 32)

    def refuse(path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    # The tests may run as root, whom no mode keeps out.
    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr("callmon.settings._read", lambda path: {})
    assert f"cannot be read: [Errno 13] Permission denied: '{key}'" in problem()
