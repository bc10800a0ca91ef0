"""Notices: deliveries in versions, scans of what was signed, official forms, last covered days, appeals to the QIO."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS = "('IM', 'DND', 'MOON', 'MCSN', 'CC44', 'HINN1', 'HINN10', 'HINN11', 'HINN12', 'NOMNC', 'CHOICE')"
OPEN = "ended_at is null"
OF_STAYS = ("notice_delivery", "notice_scan", "notice_covered_day", "qio_appeal", "qio_appeal_step")


def upgrade() -> None:
    _deliveries()
    _papers()
    _forms()
    _appeals()
    for table in OF_STAYS:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table, secret=("content",) if table == "notice_scan" else ())
        remembered(table, made="made_at")
    scoped_by_facility("notice_form")
    granted("notice_form", "select, insert, update")
    audited("notice_form", secret=("content",))


def _key() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _place(*, stay: bool = True) -> list[sa.Column[object]]:
    columns: list[sa.Column[object]] = [sa.Column("facility_id", sa.SmallInteger(), nullable=False)]
    return [sa.Column("encounter_id", sa.Uuid(), nullable=False), *columns] if stay else columns


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False) for name in names]


def _instant(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _made(*, ended_by: bool = True) -> list[sa.Column[object]]:
    made = [_instant("made_at", null=False), sa.Column("made_by", sa.Uuid(), nullable=True), _instant("ended_at")]
    return [*made, sa.Column("ended_by", sa.Uuid(), nullable=True)] if ended_by else made


def _yes(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _links(table: str, *people: str, stay: bool = True) -> list[sa.Constraint]:
    facility = sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f(f"fk_{table}_facility_id_facility"))
    found: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")), facility]
    if stay:
        name = op.f(f"fk_{table}_encounter_id_encounter")
        found.append(sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=name))
    for column in people or ("made_by", "ended_by"):
        found.append(sa.ForeignKeyConstraint([column], ["app_user.id"], name=op.f(f"fk_{table}_{column}_app_user")))
    return found


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    more = {"postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **more)


def _deliveries() -> None:
    table = "notice_delivery"
    op.create_table(
        table,
        _key(),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        *_place(),
        *_texts("kind", "which_copy"),
        _instant("delivered_at", null=False),
        *_texts("given_by", "recipient", "recipient_name", "relation", "channel"),
        sa.Column("mailed_on", sa.Date(), nullable=True),
        *_texts("receipt", "drawing", "witness_name", "witness_title"),
        _yes("certified"),
        _yes("explained"),
        *_texts("outpatient_reason", "item", "basis", "basis_name", "language", "interpreter"),
        sa.Column("copies", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _instant("made_at", null=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        *_texts("made_because"),
        _instant("ended_at"),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        *_texts("ended_because", "ended_reason"),
        _check(table, "kind", f"kind in {KINDS}"),
        _check(table, "copy", "which_copy in ('', 'first', 'followup') and (which_copy <> '') = (kind = 'IM')"),
        _check(table, "recipient", "recipient in ('patient', 'representative')"),
        _check(table, "channel", "channel in ('in_person', 'telephone', 'electronic')"),
        _check(table, "receipt", "receipt in ('paper', 'screen', 'refused', 'telephone', 'unsigned')"),
        _check(table, "basis", "basis in ('', 'attending', 'qio')"),
        _check(table, "past", "delivered_at <= made_at"),
        _check(table, "witness", "receipt <> 'refused' or (witness_name <> '' and witness_title <> '')"),
        _check(table, "explained", "kind <> 'MOON' or explained"),
        _check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        _check(table, "ended_because", "ended_because in ('', 'amended', 'void', 'struck_out')"),
        *_links(table),
    )
    _index("uq_notice_delivery_current", table, "delivery_id", unique=True, where=OPEN)
    _index("ix_notice_delivery_stay", table, "encounter_id", "made_at")


def _papers() -> None:
    op.create_table(
        "notice_scan",
        _key(),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        *_place(),
        *_texts("media_type", "digest"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_made(ended_by=False),
        *_links("notice_scan", "made_by"),
    )
    _index("ix_notice_scan_stay", "notice_scan", "encounter_id")
    _index("ix_notice_scan_delivery", "notice_scan", "delivery_id")
    op.create_table(
        "notice_covered_day",
        _key(),
        *_place(),
        sa.Column("last_day", sa.Date(), nullable=False),
        *_made(),
        *_links("notice_covered_day"),
    )
    _index("uq_notice_covered_day_current", "notice_covered_day", "encounter_id", unique=True, where=OPEN)
    _index("ix_notice_covered_day_stay", "notice_covered_day", "encounter_id", "made_at")


def _forms() -> None:
    table = "notice_form"
    op.create_table(
        table,
        _key(),
        *_place(stay=False),
        *_texts("kind", "language", "edition"),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("begins", sa.Date(), nullable=False),
        *_texts("file_name", "digest"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_made(),
        _check(table, "kind", f"kind in {KINDS}"),
        _check(table, "expires", "expires_on is null or expires_on > begins"),
        *_links(table, stay=False),
    )
    _index("ix_notice_form_facility", table, "facility_id", "kind", "begins")


def _appeals() -> None:
    op.create_table(
        "qio_appeal",
        _key(),
        *_place(),
        *_texts("kind"),
        sa.Column("discharge_on", sa.Date(), nullable=True),
        _instant("released_at"),
        *_made(ended_by=False),
        _check("qio_appeal", "kind", "kind in ('discharge', 'status')"),
        *_links("qio_appeal", "made_by"),
    )
    _index("ix_qio_appeal_stay", "qio_appeal", "encounter_id", "made_at")
    table = "qio_appeal_step"
    op.create_table(
        table,
        _key(),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        *_place(),
        sa.Column("place", sa.Integer(), nullable=False),
        *_texts("step"),
        _instant("at", null=False),
        *_texts("who", "favors", "detail"),
        *_made(),
        *_texts("ended_reason"),
        _check(
            table,
            "step",
            "step in ('ask', 'call', 'send', 'complete', 'decide', 'tell', 'ask_again', 'answer', 'withdraw')",
        ),
        _check(table, "favors", "favors in ('', 'hospital', 'patient')"),
        _check(table, "past", "at <= made_at"),
        _check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        sa.ForeignKeyConstraint(["appeal_id"], ["qio_appeal.id"], name=op.f("fk_qio_appeal_step_appeal_id_qio_appeal")),
        *_links(table),
    )
    _index("ix_qio_appeal_step_stay", table, "encounter_id", "made_at")
    _index("ix_qio_appeal_step_appeal", table, "appeal_id", where=OPEN)


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
