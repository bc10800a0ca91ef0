"""Exchange with payers: settings, interchange numbers, files out and in, answers that match nothing."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import (
    EVERYWHERE,
    IN_SCOPE,
    STAY_VISIBLE,
    append_only,
    audited,
    granted,
    never_emptied,
    scoped,
    scoped_by_facility,
    scoped_by_stay,
    stay_in_reach,
)

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
KINDS = "('decision', 'rejection', 'receipt', 'acknowledgement', 'unreadable')"
STATES = "('waiting', 'applied', 'repeated', 'noted', 'rejected', 'held', 'set_aside')"
STEPS = "('written', 'not_written', 'fetched', 'arrived', 'refused', 'received', 'rejected', 'answered')"


def upgrade() -> None:
    _settings()
    _out()
    _in()
    scoped_by_facility("payer_exchange")
    granted("payer_exchange", "select, insert, update")
    audited("payer_exchange")
    scoped("payer_control", EVERYWHERE, EVERYWHERE)
    granted("payer_control", "select, insert, update")
    audited("payer_control")
    for table in ("payer_file_out", "payer_file_step"):
        scoped_by_stay(table)
        granted(table, "select, insert")
    audited("payer_file_out", secret=("content",))
    audited("payer_file_step")
    # What a file says of patients is for parts of the program: they show a person only what that person may see.
    append_only("payer_file_in")
    scoped("payer_file_in", f"{IN_SCOPE} and {EVERYWHERE}")
    never_emptied("payer_file_in")
    # An answer that matches nothing belongs to no stay; people of its facility settle it.
    table = "payer_file_item"
    scoped(table, f"{IN_SCOPE} and {STAY_VISIBLE}", f"{IN_SCOPE} and (encounter_id is null or {stay_in_reach(table)})")
    granted(table, "select, insert, update")
    audited(table)


def _key(name: str = "id", *, null: bool = False) -> sa.Column[object]:
    default = sa.text("uuidv7()") if name == "id" else None
    return sa.Column(name, sa.Uuid(), server_default=default, nullable=null)


def _facility() -> sa.Column[object]:
    return sa.Column("facility_id", sa.SmallInteger(), nullable=False)


def _texts(*names: str, default: str = "") -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=sa.text(f"'{default}'"), nullable=False) for name in names]


def _instant(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _bytes(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _links(table: str, **targets: str) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
    for column, target in targets.items():
        name = op.f(f"fk_{table}_{column}_{target}")
        found.append(sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name))
    return found


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    more = {"postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **more)


def _settings() -> None:
    table = "payer_exchange"
    op.create_table(
        table,
        _key(),
        _facility(),
        *_texts("payer_code"),
        *_texts("format", default="x12"),
        *_texts("outbox", "inbox", "payer_name"),
        *_texts("payer_qualifier", default="PI"),
        *_texts("payer_number", "requester_name", "requester_npi", "contact", "phone", "fax", "trace_origin"),
        *_texts("sender_qualifier", default="ZZ"),
        *_texts("sender"),
        *_texts("receiver_qualifier", default="ZZ"),
        *_texts("receiver", "group_sender", "group_receiver"),
        *_texts("usage", default="T"),
        *_texts("line_end", default="none"),
        *_texts("review_release", "notification_release", "inquiry_release"),
        *_texts("notification_purpose", default="CN"),
        *_texts("inquiry_purpose", default="28"),
        _check(table, "format", "format in ('x12', 'fhir')"),
        _check(table, "usage", "usage in ('T', 'P')"),
        _check(table, "line_end", "line_end in ('none', 'lf', 'crlf')"),
        _unique(table, "facility_id", "payer_code"),
        *_links(table, facility_id="facility"),
    )
    _index("uq_payer_exchange_inbox", table, "inbox", unique=True, where="inbox <> ''")
    table = "payer_control"
    op.create_table(
        table,
        _key(),
        *_texts("sender", "receiver"),
        sa.Column("last", sa.Integer(), nullable=False),
        _check(table, "last", "last > 0"),
        _unique(table, "sender", "receiver"),
        *_links(table),
    )


def _out() -> None:
    table = "payer_file_out"
    op.create_table(
        table,
        _key(),
        _facility(),
        _key("encounter_id"),
        _key("authorization_id"),
        _key("request_id", null=True),
        *_texts("payer_code", "format", "kind", "event_trace", "reference", "sender", "receiver"),
        sa.Column("control", sa.Integer(), nullable=False),
        *_texts("usage", "name", "folder"),
        _bytes("content"),
        _bytes("digest"),
        _instant("made_at"),
        _key("made_by", null=True),
        _check(table, "format", "format in ('x12', 'fhir')"),
        _unique(table, "reference"),
        *_links(table, facility_id="facility", encounter_id="encounter", authorization_id="payer_authorization",
                made_by="app_user"),
    )  # fmt: skip
    _index("ix_payer_file_out_encounter_id", table, "encounter_id")
    _index("ix_payer_file_out_facility", table, "facility_id", "made_at")
    _index("ix_payer_file_out_authorization", table, "authorization_id", "made_at")
    _index("ix_payer_file_out_trace", table, "event_trace")
    _index("ix_payer_file_out_control", table, "receiver", "control")
    table = "payer_file_step"
    op.create_table(
        table,
        _key(),
        _key("out_id"),
        _facility(),
        _key("encounter_id"),
        *_texts("step", "detail"),
        _instant("at"),
        _key("by", null=True),
        _check(table, "step", f"step in {STEPS}"),
        *_links(table, out_id="payer_file_out", facility_id="facility", encounter_id="encounter", by="app_user"),
    )
    _index("ix_payer_file_step_file", table, "out_id", "at")


def _in() -> None:
    table = "payer_file_in"
    op.create_table(
        table,
        _key(),
        _facility(),
        *_texts("payer_code", "format", "name", "folder"),
        _bytes("digest"),
        _bytes("raw"),
        _instant("received_at"),
        _key("received_by", null=True),
        _check(table, "format", "format in ('x12', 'fhir')"),
        _unique(table, "facility_id", "digest"),
        *_links(table, facility_id="facility", received_by="app_user"),
    )
    _index("ix_payer_file_in_facility", table, "facility_id", "received_at")
    table = "payer_file_item"
    op.create_table(
        table,
        _key(),
        _key("file_id"),
        sa.Column("place", sa.Integer(), nullable=False),
        _facility(),
        *(_key(name, null=True) for name in ("encounter_id", "authorization_id", "out_id", "decision_id")),
        *_texts("kind", "state", "event_trace", "action", "sentence", "reason"),
        _instant("made_at"),
        _key("made_by", null=True),
        _instant("ended_at", null=True),
        _key("ended_by", null=True),
        _check(table, "kind", f"kind in {KINDS}"),
        _check(table, "state", f"state in {STATES}"),
        *_links(table, file_id="payer_file_in", facility_id="facility", encounter_id="encounter",
                authorization_id="payer_authorization", out_id="payer_file_out", made_by="app_user",
                ended_by="app_user"),
    )  # fmt: skip
    _index("uq_payer_file_item_current", table, "file_id", "place", unique=True, where=OPEN)
    _index("ix_payer_file_item_state", table, "facility_id", "state", "made_at", where=OPEN)
    _index("ix_payer_file_item_encounter_id", table, "encounter_id")
    _index("ix_payer_file_item_authorization", table, "authorization_id")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
