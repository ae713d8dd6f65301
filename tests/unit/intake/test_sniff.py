import random

import pytest

from callmon.errors import BadRecording
from callmon.intake.sniff import Incomplete, sniff
from callmon.samples import FOLDER

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (WAV, "WAV"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "WAV"),
        (b"fLaC\x00\x00\x00\x22", "FLAC"),
        (b"ID3\x04\x00\x00\x00\x00", "MP3"),
        (b"\xff\xfb\x90\x64" + bytes(100), "MP3"),
        (b"\xff\xf3\x48\xc4" + bytes(100), "MP3"),
        (b"\xff\xf1\x50\x80" + bytes(100), "AAC"),
        (b"\x00\x00\x00\x20ftypM4A \x00", "MP4"),
        (b"\x00\x00\x00\x18ftyp3gp4", "MP4"),
        (b"OggS\x00\x02", "Ogg"),
        (b"\x1a\x45\xdf\xa3\x9f\x42", "Matroska"),
        (b"#!AMR\n\x3c", "AMR"),
        (b"#!AMR-WB\n\x3c", "AMR"),
        (b"FORM\x00\x00\x00\x00AIFC", "AIFF"),
        (b".snd\x00\x00", "AU"),
        (b"caff\x00\x01\x00\x00", "CAF"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "AVI"),
        (b"\x47" + b"\xff" * 187 + b"\x47" + b"\xff" * 187 + b"\x47", "MPEG-TS"),
    ],
)
def test_sound_is_known_by_its_first_bytes(head: bytes, form: str) -> None:
    assert sniff(head, name="call.bin") == form


def test_gsm_is_known_by_its_name_alone() -> None:
    head = random.Random(1).randbytes(330)
    assert sniff(b"\xd0" + head, name="Call.GSM") == "GSM"
    with pytest.raises(BadRecording, match="known kind"):
        sniff(b"\xd0" + head, name="call.bin")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"\x28\xb5\x2f\xfd\x04", "a compressed archive"),
        (b"\x89PNG\r\n", "a picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"),
        (b"\x7fELF\x02", "a program"),
        (b"\n<!DOCTYPE HTML><html>", "an HTML page"),
        (b"<HTML><body>", "an HTML page"),
        (b"<?xml version='1.0'?>", "an XML document"),
        (b'{"error": "expired"}', "a JSON document"),
        (b"#EXTM3U\n/etc/passwd", "a playlist"),
        (b"Please find attached", "text"),
        (b"Get free calls", "text"),
        ("Grüße".encode(), "text"),
        (b"\xff\xfeH\x00i\x00", "text"),
        (b"MThd\x00\x00\x00\x06", "MIDI"),
        (b"SQLite format 3\x00", "a database"),
    ],
)
def test_what_is_no_sound_is_named(head: bytes, words: str) -> None:
    with pytest.raises(BadRecording, match=words) as caught:
        sniff(head, name="call.wav")
    assert not isinstance(caught.value, Incomplete)
    assert "WAV, FLAC" in str(caught.value)


@pytest.mark.parametrize(("head", "words"), [(b"", "is empty"), (bytes(4096), "zeros")])
def test_a_file_that_may_still_be_written_is_told_apart(head: bytes, words: str) -> None:
    with pytest.raises(Incomplete, match=words):
        sniff(head, name="call.wav")


def test_sound_without_a_header_is_told_how_to_export() -> None:
    with pytest.raises(BadRecording, match="Export it as WAV"):
        sniff(b"\xfe\x7e\xff\x80" * 100, name="q-200.ulaw")


def test_text_may_be_cut_within_a_character() -> None:
    with pytest.raises(BadRecording, match="text"):
        sniff(("ü" * 5000).encode()[:4095], name="call.wav")


def test_every_sample_call_is_a_recording() -> None:
    for sample in FOLDER.glob("*.ogg"):
        assert sniff(sample.read_bytes()[:4096], name=sample.name) == "Ogg"
