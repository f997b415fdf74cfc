"""The ledger's schema, as the steps that led to it; each runs once on every ledger, in order.

A step that was published is never changed: the next change of the schema is a new module here and
a new line below. A ledger with steps that are not listed comes from a newer Unsorry.
"""

from sqlite_utils import Database, Migrations

from search.migrations import m0001_ledger, m0002_tickets

MIGRATIONS = Migrations("ledger")
MIGRATIONS(name="0001_ledger")(m0001_ledger.migrate)
MIGRATIONS(name="0002_tickets")(m0002_tickets.migrate)

NAMES = ("0001_ledger", "0002_tickets")
"""All steps, in order; their number is the version of the schema."""


def unknown(database: Database) -> list[str]:
    """Steps that this database has seen and this Unsorry does not know."""
    return [step.name for step in MIGRATIONS.applied(database) if step.name not in NAMES]
