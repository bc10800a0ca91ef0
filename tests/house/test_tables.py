"""Nobody can forget: every table has its trigger, its row policy, its grants, and every column says what it holds."""

import psycopg
import pytest
from sqlmodel import SQLModel

from app.platform import schema
from app.platform.db import Holds
from app.platform.postgres import APP_ROLE, Addresses

schema.load_models()

# Why a table keeps no copies of its changes.
NOT_AUDITED = {
    "audit_event": "it is the trail",
    "row_change": "it is the trail",
    "phi_access": "it is the trail",
    "audit_seal": "it is the trail",
    "inbound_message": "append-only for the application role: the row is its own history",
    "adt_fact": "append-only for the application role: the row is its own history",
    "payer_file_in": "append-only for the application role: the row is its own history",
    "day_sheet": "append-only for the application role: the row is its own history",
    "day_sheet_line": "append-only for the application role: the row is its own history",
    "census_file": "append-only for the application role: the row is its own history",
    "census_file_row": "append-only for the application role: the row is its own history",
    "inbound_pending": "a queue of numbers; what it points to is kept",
    "encounter_known": "made of facts that are kept for ever, and made anew when one of them comes late",
    "patient_known": "made of facts that are kept for ever, and made anew when one of them comes late",
    "unremembered": "a queue of numbers; what it points to is kept",
    "user_session": "touched every minute; sign-in and sign-out are recorded as events",
    "sign_in_attempt": "a counter of failures; lock-outs are recorded as events",
    "identity_rule": "append-only for the application role: the row is its own history",
    "identity_session": "touched every few minutes; sign-in, its end and changed roles are recorded as events",
    "identity_spent": "digests of what may be used once",
    "identity_pending": "lives for minutes between two steps of signing in",
    "identity_contact": "how the identity provider answered last",
    "alembic_version": "the migration tool's own",
    "drg_entry": "append-only for the application role: the row is its own history",
    "obligation": "computed from facts that are; its rows are versions and never change but to end",
    "clock_fault": "a report of the program about itself",
    "measure_case": "reckoned from facts and records that are; replaced whenever they change, one event each time",
    "measure_day": "sums of measure_case, and made anew with it",
    "measure_touch": "a queue of patients to reckon anew",
    "zip_centroid": "append-only for the application role: the row is its own history",
    "value_set_code": "append-only for the application role: the row is its own history",
    "coded_procedure": "append-only for the application role: the row is its own history",
    "portal_count": "a counter of how often a link or an address asked lately; opened referrals are recorded as events",
    "choice_visit": "a counter of openings; whom a link showed is recorded as a disclosure",
}
# Why a table has no row policy.
NOT_SCOPED = {
    "facility": "names and zones of hospitals, known to every signed-in person",
    "app_user": "staff, not patients; pages limit it to one's facilities",
    "role_grant": "staff, not patients",
    "user_session": "read by the session look-up before any scope exists",
    "sign_in_attempt": "counters by address",
    "portal_count": "counters by digest of a link or an address",
    "audit_seal": "digests only",
    "audit_archive": "names of files and digests only",
    "sealing_key": "names and proofs of keys",
    "recovery_code": "hashes, of staff",
    "drg_table": "published figures of a federal agency",
    "drg_entry": "published figures of a federal agency",
    "zip_table": "published figures of a federal agency",
    "zip_centroid": "published figures of a federal agency",
    "value_set_vintage": "published lists of a federal agency",
    "value_set_code": "published lists of a federal agency",
    "code_category": "says of codes, not of patients, where they belong",
    "choice_visit": "counters by address",
    "identity_role": "groups of staff, not patients; pages limit it to one's facilities",
    "identity_rule": "one word for the installation",
    "identity_link": "staff, not patients",
    "identity_session": "read by the look-up of sessions before any scope exists",
    "identity_spent": "digests only",
    "identity_pending": "sealed, and found by digest only",
    "identity_contact": "one line for each provider",
    "report_address": "addresses of staff, not patients; pages show them to those who send reports",
    "alembic_version": "the migration tool's own",
}
APPEND_ONLY = {
    "audit_event",
    "phi_access",
    "inbound_message",
    "adt_fact",
    "census_file",
    "census_file_row",
    "payer_file_in",
    "day_sheet",
    "day_sheet_line",
    "drg_entry",
    "zip_centroid",
    "value_set_code",
    "coded_procedure",
    "identity_rule",
}
READ_ONLY = {"row_change", "audit_seal", "audit_archive"}


def _ours(connection: psycopg.Connection[tuple[str]]) -> list[str]:
    rows = connection.execute(
        "select tablename from pg_tables where schemaname = 'public' and tablename not like 'procrastinate_%'"
    )
    return [row[0] for row in rows]


def test_every_table_copies_its_changes_or_says_why_not(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as connection:
        audited = {
            row[0]
            for row in connection.execute(
                "select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid where tgname = 'audit_row'"
            )
        }
        bare = set(_ours(connection)) - audited

    assert bare == set(NOT_AUDITED), "add audited('table') in its migration, or a reason here"


def test_every_table_has_a_row_policy_or_says_why_not(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as connection:
        scoped = {
            row[0]
            for row in connection.execute(
                "select tablename from pg_tables join pg_policies using (tablename) where rowsecurity"
            )
        }
        open_tables = set(_ours(connection)) - scoped

    assert open_tables == set(NOT_SCOPED), "add scoped…('table') in its migration, or a reason here"


def test_application_role_owns_nothing_and_cannot_pass_by_policies(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as connection:
        owned = connection.execute(
            "select relname from pg_class c join pg_roles r on r.oid = c.relowner where rolname = %s", (APP_ROLE,)
        ).fetchall()
        rights = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = %s", (APP_ROLE,)
        ).fetchone()

    assert owned == []
    assert rights == (False, False, False, False)


@pytest.mark.parametrize("table", sorted(APPEND_ONLY | READ_ONLY))
def test_the_trail_and_the_inbox_cannot_be_changed_by_the_application(addresses: Addresses, table: str) -> None:
    with psycopg.connect(addresses.owner) as connection:
        held = {
            row[0]
            for row in connection.execute(
                "select privilege_type from information_schema.role_table_grants"
                " where grantee = %s and table_name = %s",
                (APP_ROLE, table),
            )
        }

    assert held == ({"SELECT", "INSERT"} if table in APPEND_ONLY else {"SELECT"})


def test_every_column_says_what_it_holds() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if not isinstance(column.info.get("holds"), Holds)
    ]

    assert not silent, "say in the model what the column holds (platform/db.py: Holds)"


def test_secret_columns_are_left_out_of_the_copies(addresses: Addresses) -> None:
    secret = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if column.info.get("holds") is Holds.SECRET and table.name not in NOT_AUDITED
    }
    with psycopg.connect(addresses.owner) as connection:
        left_out = {
            (row[0], column)
            for row in connection.execute(
                "select c.relname, encode(t.tgargs, 'escape') from pg_trigger t join pg_class c on c.oid = t.tgrelid"
                " where t.tgname = 'audit_row'"
            )
            for column in row[1].split("\\000")[1].split(",")
            if column
        }

    assert secret and secret <= left_out


def test_tables_with_patients_are_bound_to_a_facility() -> None:
    unbound = [
        table.name
        for table in SQLModel.metadata.tables.values()
        if any(column.info.get("holds") is Holds.PERSON for column in table.columns)
        and not {"facility_id", "facility_ids", "facilities"} & set(table.columns.keys())
    ]

    assert unbound == []
