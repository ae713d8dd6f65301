"""An upload's form is read block by block, whatever is in it."""

from __future__ import annotations

import pytest

from callmon.review.problems import Problem
from callmon.review.recordings.form import Form

KIND = "multipart/form-data; boundary=XX"


def part(head: str, value: bytes = b"") -> bytes:
    return f"--XX\r\nContent-Disposition: {head}\r\n\r\n".encode() + value + b"\r\n"


FILE = part('form-data; name="file"; filename="a.wav"', b"sound\r\n--X not the end")
TEAM = part('form-data; name="team"', "Zürich".encode())
END = b"--XX--\r\n"


def read(body: bytes, *, block: int = 10_000) -> tuple[Form, bytes]:
    form, file = Form(KIND), b""
    for at in range(0, len(body), block):
        form.feed(body[at : at + block])
        file += form.take()
    form.check_whole()
    return form, file


@pytest.mark.parametrize("block", [1, 3, 50, 10_000])
@pytest.mark.parametrize("body", [FILE + TEAM + END, TEAM + FILE + END])
def test_file_and_fields_come_in_any_order_and_pieces(body: bytes, block: int) -> None:
    form, file = read(body, block=block)
    assert file == b"sound\r\n--X not the end"
    assert (form.name, form.fields) == ("a.wav", {"team": "Zürich"})


def test_a_json_part_is_read() -> None:
    form, _ = read(FILE + part('form-data; name="metadata"', b'{"agent": "Ann"}') + END)
    assert form.metadata == {"agent": "Ann"}


def test_a_name_of_broken_bytes_is_taken() -> None:
    head = (
        b'--XX\r\nContent-Disposition: form-data; name="file"; filename="\xff.wav"\r\n\r\n'
    )
    form, _ = read(head + b"x\r\n" + END)
    assert form.name == "\udcff.wav"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (TEAM + END, 422, "file"),
        (FILE + TEAM, 422, None),
        (b"nonsense", 422, None),
        (FILE + FILE + END, 422, "file"),
        (TEAM + TEAM + FILE + END, 422, "team"),
        (part('form-data; name="file"', b"x") + END, 422, "file"),
        (part('form-data; name="team"; filename="a.wav"', b"x") + END, 422, "file"),
        (part("form-data") + END, 422, None),
        (FILE + part('form-data; name="team"', b"\xff") + END, 422, "team"),
        (FILE + part('form-data; name="metadata"', b"[1]") + END, 422, "metadata"),
        (FILE + part('form-data; name="metadata"', b"[" * 50_000) + END, 422, "metadata"),
        (FILE + part('form-data; name="a"', b"x" * 300_000) + END, 413, None),
        (
            b"".join(part(f'form-data; name="f{n}"') for n in range(300)) + FILE + END,
            422,
            "f200",
        ),
        (b"--XX\r\n" + b"X-A: b\r\n" * 50 + b"\r\n\r\n" + FILE + END, 422, None),
    ],
)
def test_what_is_no_such_form_is_refused(
    body: bytes, status: int, field: str | None
) -> None:
    with pytest.raises(Problem) as refused:
        read(body)
    assert (refused.value.status_code, refused.value.field) == (status, field)


@pytest.mark.parametrize("kind", ["", "multipart/form-data", "application/json"])
def test_another_content_type_is_refused(kind: str) -> None:
    with pytest.raises(Problem) as refused:
        Form(kind)
    assert refused.value.status_code == 415
