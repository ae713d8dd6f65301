import csv
import io
import json

import pytest

from callmon.report.spreadsheet import cell, write_csv, write_jsonl


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "  =1", "|cmd", "%x", "＝1", "\r=1"],
)
def test_nothing_that_a_spreadsheet_would_run_is_left(text: str) -> None:
    assert cell(text)[0] == "'"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("plain", "plain"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (True, "true"),
        (-0.25, "-0.25"),
        (3, "3"),
        ("a\0b\x1b", "a\ufffdb\ufffd"),
        ("two\nlines", "two lines"),
    ],
)
def test_other_values_stay_what_they_are(value: object, wanted: str) -> None:
    assert cell(value) == wanted


def test_rows_can_be_read_back_from_csv() -> None:
    file = io.StringIO()
    write_csv(file, ["a", "b"], [{"a": 'say "x, y"', "b": None}, {"a": "ü", "b": 1}])
    file.seek(0)
    assert list(csv.reader(file)) == [["a", "b"], ['say "x, y"', ""], ["ü", "1"]]


def test_json_lines_hold_the_values_themselves() -> None:
    file = io.StringIO()
    write_jsonl(file, ["a"], [{"a": "=1\n", "b": 2}, {"a": None, "b": 3}])
    assert [json.loads(line) for line in file.getvalue().splitlines()] == [
        {"a": "=1\n"},
        {"a": None},
    ]
