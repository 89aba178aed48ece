"""What makes the journal append-only: triggers that refuse UPDATE and DELETE, on both engines.

The migration creates them. On PostgreSQL the application's role should besides own neither the tables nor
the right to TRUNCATE them (docs: installing).
"""

from __future__ import annotations

TABLES = ("kernel_fact", "kernel_leaf", "kernel_checkpoint")
REFUSAL = "the journal is append-only"


def create(vendor: str) -> list[str]:
    """The statements that put the guards up."""
    if vendor == "postgresql":
        function = (
            "CREATE OR REPLACE FUNCTION kernel_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        return [function] + [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION kernel_append_only()"
            for table in TABLES
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for table in TABLES
        for verb in ("UPDATE", "DELETE")
    ]


def drop(vendor: str) -> list[str]:
    """The statements that take them down: for undoing the migration, and for tests that tamper."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}" for table in TABLES]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for table in TABLES for verb in ("UPDATE", "DELETE")]
