"""What every new table needs: the audit trigger, the row policy, the grants of the application role."""

from alembic import op

APP_ROLE = "daybook_app"
IN_SCOPE = "facility_id = any((select app_facilities())::smallint[])"
EVERYWHERE = "(select app_everywhere())"
WHOLE = "(select app_whole())::smallint[]"
NOT_ATTENDING = "(select app_attending_at()) = '{}'"
STAY_VISIBLE = (
    f"(encounter_id is null or case when {NOT_ATTENDING}"
    " then not (encounter_id = any((select app_hidden_stays())::uuid[]))"
    " else encounter_id in (select e.id from encounter e) end)"
)
INTERFACE = "(select app_interface())"


def execute(statement: str) -> None:
    """Run SQL as it stands: no parameters, so percent signs and colons mean themselves."""
    raw = op.get_bind().connection.driver_connection
    assert raw is not None
    raw.execute(statement)


def audited(table: str, *, key: str = "id", secret: tuple[str, ...] = ()) -> None:
    """Copy every change of a row into row_change, with its actor; a change without an actor is an error."""
    hidden = ",".join(secret)
    execute(
        f"create trigger audit_row after insert or update or delete on {table}"
        f" for each row execute function audit_row('{key}', '{hidden}')"
    )
    never_emptied(table)


def never_emptied(table: str) -> None:
    """TRUNCATE fires no trigger per row, so nothing would tell of it."""
    execute(
        f"create trigger no_truncate before truncate on {table} for each statement execute function refuse_truncate()"
    )


def granted(table: str, rights: str = "select, insert, update, delete") -> None:
    """What the application role may do with the table."""
    execute(f"grant {rights} on {table} to {APP_ROLE}")


def scoped(table: str, visible: str, writable: str = IN_SCOPE) -> None:
    """Rows that a transaction may see and write; everything else does not exist for it."""
    execute(f"alter table {table} enable row level security")
    execute(f"create policy scope on {table} using ({visible}) with check ({writable})")


def stay_in_reach(table: str) -> str:
    """The condition for new rows: the stay is one that the writer sees, and the row bears the stay's own facility."""
    return (
        f"({EVERYWHERE} or exists (select 1 from encounter e where e.id = {table}.encounter_id"
        f" and e.facility_id = {table}.facility_id))"
    )


def scoped_by_stay(table: str) -> None:
    """The policy of tables that hang on a stay: its facility is in scope and the stay is not hidden."""
    scoped(table, f"{IN_SCOPE} and {STAY_VISIBLE}", f"{IN_SCOPE} and {stay_in_reach(table)}")


def scoped_by_facility(table: str) -> None:
    """The policy of tables that belong to a facility as a whole."""
    scoped(table, IN_SCOPE)


def append_only(table: str) -> None:
    """The application role may add and read rows, never change or remove them."""
    granted(table, "select, insert")
