"""Who may use what of whom. The order of the floors themselves is in pyproject.toml ([tool.importlinter])."""

from __future__ import annotations

import ast
import re

import grimp
import pytest
from django.apps import apps
from django.db import models

from tests.contracts.tree import CLOSED_ROOMS, LEVEL, OPEN_ROOMS, PUBLIC, SOURCE, files, in_tests, shown


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def may_import(importer: str, imported: str) -> bool:
    """Whether `importer` may use the file `imported` of another room."""
    here, there = room_of(importer), room_of(imported)
    if here == there or here in {"project", "__main__"} or not there or there in OPEN_ROOMS:
        return True
    part = (imported.split(".")[2:] or [""])[0]
    return there not in CLOSED_ROOMS and part in PUBLIC


def test_of_another_room_only_its_public_files_are_imported() -> None:
    graph = grimp.build_graph("linli", cache_dir=None)
    wrong = [
        f"{importer} imports {imported}"
        for importer in sorted(graph.modules)
        if ".tests" not in importer
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if not may_import(importer, imported)
    ]
    assert not wrong, "use the room's actions, queries, events or words:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("linli.desk.web", "linli.cases.queries.queue", True),
        ("linli.desk.web", "linli.cases.models", False),
        ("linli.desk.web", "linli.cases.rules", False),
        ("linli.desk.web", "linli.cases", False),
        ("linli.desk.web", "linli.kernel.jobs", True),
        ("linli.desk.web", "linli.flows.points", False),
        ("linli.project.urls", "linli.desk.web", True),
        ("linli.cases.actions", "linli.cases.models", True),
    ],
)
def test_the_rule_of_public_files_tells_right_from_wrong(importer: str, imported: str, allowed: bool) -> None:
    assert may_import(importer, imported) is allowed


def our_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if (model.__module__ or "").startswith("linli.")
    ]


def relations(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.get_fields() if field.is_relation and not field.auto_created]


def test_the_rooms_have_tables_to_look_at() -> None:
    assert len({room_of(model.__module__) for model in our_models()}) >= 3


def test_a_foreign_key_points_into_its_own_room_or_down() -> None:
    wrong = [
        f"{model.__module__}.{model.__name__}.{field.name} → {field.related_model.__module__}"
        for model in our_models()
        for field in relations(model)
        if field.related_model is not None
        and (there := room_of(field.related_model.__module__)) in LEVEL
        and there != room_of(model.__module__)
        and LEVEL[there] >= LEVEL[room_of(model.__module__)]
    ]
    assert not wrong, "a table must not know a room above or beside it:\n" + "\n".join(wrong)


def test_no_table_points_at_anything_whatever() -> None:
    wrong = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in relations(model)
        if field.related_model is None
    ]
    assert not wrong, f"a generic foreign key has no direction: {wrong}"


def test_a_table_of_another_room_gets_no_attribute_from_ours() -> None:
    wrong = [
        f"{model.__module__}.{model.__name__}.{field.name}: give it related_name='+'"
        for model in our_models()
        for field in relations(model)
        if field.related_model is not None
        and field.related_model.__module__.startswith("linli.")
        and room_of(field.related_model.__module__) != room_of(model.__module__)
        and not field.remote_field.hidden
    ]
    assert not wrong, "\n".join(wrong)


def test_models_have_no_behaviour_of_saving_or_deleting() -> None:
    wrong = [
        f"{shown(path)}:{function.lineno} defines {function.name}"
        for path in files(".py")
        if path.is_relative_to(SOURCE) and not in_tests(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for function in node.body
        if isinstance(function, ast.FunctionDef) and function.name in {"save", "delete", "full_clean"}
    ]
    assert not wrong, "what a write does stands in actions.py:\n" + "\n".join(wrong)


WRITES = re.compile(
    r"\.(bulk_create|bulk_update|get_or_create|update_or_create)\("
    r"|\.objects\.create\(|\.objects(\.\w+\([^()]*\))*\.(update|delete)\("
)


def test_only_actions_write_tables() -> None:
    wrong = [
        f"{shown(path)}:{number}: {line.strip()}"
        for path in files(".py")
        if path.is_relative_to(SOURCE) and not in_tests(path)
        if (parts := path.relative_to(SOURCE).parts)[0] in LEVEL and parts[0] not in {"kernel", "project"}
        if not parts[1].startswith("actions") and "migrations" not in parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if WRITES.search(line)
    ]
    assert not wrong, "a write stands in the room's actions:\n" + "\n".join(wrong)
