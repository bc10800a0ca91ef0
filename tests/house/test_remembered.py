"""A list can be shown as of an earlier instant only if every table that it reads can."""

import re

import psycopg
import pytest
from sqlmodel import SQLModel

from app.census.models import Encounter, EncounterKnown, Patient, PatientKnown
from app.census.storage.rows import ENCOUNTER, PATIENT
from app.platform import schema
from app.platform.postgres import Addresses
from app.worklists.registry import LENT

schema.load_models()

# Why a table is read as it is today, also as of an earlier instant.
READ_AS_TODAY = {
    "app_user": "a person is shown under the name of today; what else is kept of one is no business of lists",
    "facility": "a facility is shown under the name and in the time zone of today",
}
TABLES_OF_STAYS = {"encounter", "patient", "movement", "coverage", "diagnosis", "assignment", "note", "unit"}


def _views(addresses: Addresses) -> dict[str, set[str]]:
    """The views of the past with their columns."""
    with psycopg.connect(addresses.owner) as owner:
        rows = owner.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'as_of'"
        ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found


def test_tables_that_lists_read_are_remembered_or_say_why_not(addresses: Addresses) -> None:
    words = set(re.findall(r"\b(?:from|join)\s+(\w+)", repr(LENT)))
    read = words & SQLModel.metadata.tables.keys()

    assert {"encounter", "note", "assignment"} & read, "the lists do read tables"
    forgotten = read - _views(addresses).keys() - READ_AS_TODAY.keys()
    assert not forgotten, "add remembered('table', made=…) in its migration, or a reason here"


def test_the_past_has_the_columns_of_the_present(addresses: Addresses) -> None:
    views = _views(addresses)
    tables = {name: set(table.columns.keys()) for name, table in SQLModel.metadata.tables.items()}

    assert views.keys() >= TABLES_OF_STAYS
    assert {name: tables[name] - columns for name, columns in views.items()} == {name: set() for name in views}


@pytest.mark.parametrize(
    ("present", "past", "said"), [(Encounter, EncounterKnown, ENCOUNTER), (Patient, PatientKnown, PATIENT)]
)
def test_versions_have_all_that_is_said_of_a_row(
    present: type[SQLModel], past: type[SQLModel], said: tuple[str, ...]
) -> None:
    lasting = {"gone_at", "united_into_id"}  # what is gone has no version

    assert set(said) <= set(present.model_fields)
    assert set(said) - lasting <= set(past.model_fields)


def test_views_of_the_past_keep_to_the_rights_of_their_reader(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as owner:
        careless = owner.execute(
            "select relname from pg_class where relnamespace = 'as_of'::regnamespace and relkind = 'v'"
            " and not coalesce(reloptions @> array['security_invoker=true'], false)"
        ).fetchall()

    assert careless == []
