import json

from callmon.call import Analysis
from callmon.schema import PATH, build, text


def test_the_schema_in_the_package_is_the_one_of_the_types() -> None:
    assert PATH.read_text() == text(), "run: python -m callmon.schema"


def test_the_schema_names_the_version_of_the_document() -> None:
    assert build()["properties"]["schema"]["const"] == "callmon.analysis/1"


def test_every_field_of_the_document_is_required_or_has_a_default() -> None:
    assert set(build()["properties"]) == {
        "schema",
        *(name for name in Analysis.model_fields if name != "schema_version"),
    }


def test_the_schema_is_valid_json_for_other_programs() -> None:
    assert json.loads(PATH.read_text())["$schema"].endswith("2020-12/schema")
