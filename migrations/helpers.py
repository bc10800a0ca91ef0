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


# --- as of an earlier instant ----------------------------------------------------------------------------------------

KNOWN_AT = "(select app_as_of())"
"""The instant whose knowledge a reading shows; evaluated once in a statement."""


def remembered(table: str, *, made: str, ended: tuple[str, ...] = ("ended_at",)) -> None:
    """Show the table as of an earlier instant, where rows are never rewritten.

    A row exists from the instant in column `made` on. A column of `ended` is empty until the instant that it holds.
    Nothing else of a row may ever change; where something does, use `remembered_from_copies`.
    """
    shown = [
        f"case when t.{name} <= {KNOWN_AT} then t.{name} end as {name}" if name in ended else f"t.{name}"
        for name, _ in _columns(table)
    ]
    _show_as_of(table, f"select {', '.join(shown)} from public.{table} t where t.{made} <= {KNOWN_AT}")


def remembered_from_copies(table: str, *, key: str = "id") -> None:
    """Show the table as of an earlier instant from the copies of its rows in the audit trail, whatever changes in them.

    For tables with `audited(...)`, none of whose shown columns is secret. `key` is the one that `audited` was given.
    """
    shown = [f"{_from_copy(name, kind)} as {name}" for name, kind in _columns(table)]
    of_table = f"table_name = '{table}'"
    execute(f"create index ix_remembered_{table}_key on row_change (row_key, at, id) where {of_table}")
    if any(name == "encounter_id" for name, _ in _columns(table)) and key != "encounter_id":
        execute(f"create index ix_remembered_{table}_stay on row_change (encounter_id, at) where {of_table}")
    _show_as_of(
        table,
        f"select {', '.join(shown)} from public.row_change c"
        f" where c.{of_table} and c.operation <> 'delete' and c.at <= {KNOWN_AT} and not exists"
        f" (select from public.row_change later where later.{of_table} and later.row_key = c.row_key"
        f" and later.at <= {KNOWN_AT} and (later.at, later.id) > (c.at, c.id))",
    )


def _columns(table: str) -> list[tuple[str, str]]:
    """The columns of a table with their types, in order."""
    found = op.get_bind().exec_driver_sql(
        "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
        f" where attrelid = 'public.{table}'::regclass and attnum > 0 and not attisdropped order by attnum"
    )
    return [(name, kind) for name, kind in found]


def _from_copy(name: str, kind: str) -> str:
    """One column out of the copy of a row. Key of the stay and facility stand beside the copy, under an index."""
    if name in ("encounter_id", "facility_id"):
        return f"c.{name}"
    if kind in ("json", "jsonb"):
        return f"(c.new -> '{name}')::{kind}"
    if kind.endswith("[]"):
        elements = f"array(select jsonb_array_elements_text(nullif(c.new -> '{name}', 'null')))::{kind}"
        return f"case when c.new ->> '{name}' is not null then {elements} end"
    return f"(c.new ->> '{name}')::{kind}"


def _show_as_of(table: str, query: str) -> None:
    """The reader's own rights and row policies hold for what stands behind the view."""
    execute(f"create view as_of.{table} with (security_invoker = true) as {query}")
    execute(f"grant select on as_of.{table} to {APP_ROLE}")
