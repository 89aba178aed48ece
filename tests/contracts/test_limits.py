"""What Linli refuses (docs/limits.md), as far as names, tables, addresses and grants can hold it."""

from __future__ import annotations

import ast
import re

import pytest
from django.apps import apps
from django.db import models

from linli.cases.catalogue import Catalogue
from linli.cases.exporting import COLUMNS
from linli.kernel import journal, rulebook
from linli.project.api import api
from tests.contracts.tree import ROOT, SOURCE, files, in_tests, shown

# Words that would name a list of people by what they are, believe or did, a face, a trace, or a score.
REFUSED = (
    r"face|faces|facial|biometric|fingerprints|gait|plate_number|"
    r"belief|religion|religious|ethnic|ethnicity|nationality_group|political|"
    r"petitioner|petitioners|convict|ex_convict|criminal_record|addict|blacklist|watchlist|"
    r"hiv|psychiatric|mental_illness|disease|"
    r"credit_score|social_credit|citizen_score|resident_score|trust_score|"
    r"track_person|person_track|location_trace|worker_location|check_in|checkin|attendance|ranking"
)
WORD = re.compile(rf"(?:^|_)(?:{REFUSED})(?:_|$)")
SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def refused(name: str) -> bool:
    """Whether a name of code says one of the things that are refused."""
    return bool(WORD.search(SPLIT.sub("_", name).replace("-", "_").lower()))


@pytest.mark.parametrize(
    "name", ["FaceTemplate", "is_petitioner", "resident_score", "ethnicity", "worker_location"]
)
def test_the_rule_of_names_knows_what_is_refused(name: str) -> None:
    assert refused(name)


@pytest.mark.parametrize(
    "name", ["surface", "interface", "tracking_code", "typeface", "Case", "fingerprint", "preface"]
)
def test_the_rule_of_names_leaves_other_words_alone(name: str) -> None:
    assert not refused(name)


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("linli.")]


def test_no_table_keeps_what_people_believe_are_or_did_nor_their_faces_or_scores() -> None:
    wrong = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if refused(model.__name__) or refused(field.name)
    ]
    assert not wrong


def test_no_fact_action_or_function_is_about_it_either() -> None:
    wrong = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in files(".py")
        if path.is_relative_to(SOURCE) and not in_tests(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and refused(node.name)
    ]
    assert not wrong
    assert not [kind for kind in journal.KINDS if refused(kind.split(".")[-1])]


def operations() -> dict[str, dict[str, dict[str, object]]]:
    return api.get_openapi_schema()["paths"]


def test_no_address_of_the_interface_lists_or_finds_residents() -> None:
    wrong = [
        path for path in operations() if re.search(r"resident|person|people|citizen|household|reporter", path)
    ]
    assert not wrong


def test_no_answer_of_the_interface_holds_a_telephone_or_an_id_of_a_resident() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]
    asked = {"ReportIn", "CaseIn"}
    wrong = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        if name not in asked
        for field in schema.get("properties", {})
        if re.search(r"phone|resident|reporter_(id|name)", field)
    ]
    assert not wrong


def grants() -> set[str]:
    return {action for row in rulebook.table("access")["grant"] for action in row["actions"]}


def test_no_role_is_granted_a_list_search_or_export_of_people() -> None:
    wrong = [
        action
        for action in grants()
        if re.search(r"(resident|person|people)\.(list|search|export|tag|view)", action)
    ]
    assert not wrong


def test_a_telephone_number_is_looked_at_only_by_roles_with_a_grant_of_their_own() -> None:
    roles = {row["role"] for row in rulebook.table("access")["grant"] if "case.reporter" in row["actions"]}
    assert not roles & {"anyone", "auditor", "administrator", "checker"}


def test_an_export_has_no_column_of_a_person() -> None:
    persons = re.compile(r"reporter|resident|phone|handler|checker|holder|person|(^|_)name|text|address")
    assert "number" in COLUMNS
    assert not [column for column in COLUMNS if persons.search(column)]


def test_the_telephone_of_a_resident_is_kept_encrypted_only() -> None:
    resident = apps.get_model("people", "Resident")
    kept = {
        field.name: type(field)
        for field in resident._meta.get_fields()
        if re.search(r"phone|name", field.name)
    }
    assert kept["phone_cipher"] is models.BinaryField
    assert kept["name_cipher"] is models.BinaryField
    assert set(kept) == {"phone_cipher", "name_cipher", "phone_index"}


def test_nothing_is_known_of_a_resident_but_how_to_reach_them() -> None:
    resident = apps.get_model("people", "Resident")
    names = {
        field.name for field in resident._meta.get_fields() if not (field.auto_created and field.is_relation)
    }
    assert names == {"id", "phone_index", "phone_cipher", "name_cipher", "account", "created_at"}


def test_no_kind_of_matter_is_a_category_of_person() -> None:
    table = rulebook.table("catalogue")
    kinds = Catalogue.parse(table["kinds"], table["conditions"]).kinds.values()
    of_people = re.compile(r"上访人|信访人|宗教人士|少数民族|刑满释放|吸毒人员|精神病人|重点人员")
    assert not [kind.code for kind in kinds if of_people.search(kind.name.zh)]


def test_no_setting_turns_on_watching_of_workers() -> None:
    settings = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    numbers = " ".join(rulebook.names()) + str(rulebook.table("limits"))
    assert not re.search(
        r"check.?in\b|attendance|ranking|location trace|签到|考勤|排名|轨迹",
        settings + numbers,
        re.IGNORECASE,
    )


def test_the_page_of_limits_exists_in_both_languages() -> None:
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    assert "Linli refuses" in text
    assert "邻里不做" in text
