"""Payers: contacts and calendars of payers, authorizations with their days, the log of contacts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.helpers import audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
OF_FACILITIES = ("payer_card", "payer_channel")
OF_STAYS = ("payer_authorization", "payer_request", "payer_decision", "payer_standing", "payer_contact")
CHANNELS = "('call', 'portal', 'fax', 'letter', 'file')"


def upgrade() -> None:
    _directory()
    _authorizations()
    _requests()
    _decisions()
    _standings()
    _contacts()
    for table in OF_FACILITIES:
        scoped_by_facility(table)
    for table in OF_STAYS:
        scoped_by_stay(table)
        remembered(table, made="made_at")
    for table in (*OF_FACILITIES, *OF_STAYS):
        granted(table, "select, insert, update")
        audited(table)


def _key(name: str = "id") -> sa.Column[object]:
    if name == "id":
        return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)
    return sa.Column(name, sa.Uuid(), nullable=False)


def _place(*, stay: bool = True) -> list[sa.Column[object]]:
    facility: sa.Column[object] = sa.Column("facility_id", sa.SmallInteger(), nullable=False)
    return [_key("encounter_id"), facility] if stay else [facility]


def _texts(*names: str, default: str = "") -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=sa.text(f"'{default}'"), nullable=False) for name in names]


def _instant(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _day(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=null)


def _array(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, ARRAY(kind), server_default="{}", nullable=False)


def _yes(name: str, *, default: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text(str(default).lower()), nullable=False)


def _made(*, because: bool = True, ended: bool = True) -> list[sa.Column[object]]:
    columns: list[sa.Column[object]] = [_instant("made_at", null=False), sa.Column("made_by", sa.Uuid(), nullable=True)]
    columns += _texts("made_because") if because else []
    columns += [_instant("ended_at"), sa.Column("ended_by", sa.Uuid(), nullable=True)]
    return columns + (_texts("ended_because", "ended_reason") if ended else [])


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _ends(table: str, *reasons: str) -> list[sa.CheckConstraint]:
    among = ", ".join(f"'{reason}'" for reason in ("", *reasons))
    return [
        _check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        _check(table, "ended_because", f"ended_because in ({among})"),
    ]


def _link(table: str, column: str, target: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _links(table: str, *, stay: bool = True, people: bool = True) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
    found.append(_link(table, "facility_id", "facility"))
    found += [_link(table, "encounter_id", "encounter")] if stay else []
    return found + ([_link(table, column, "app_user") for column in ("made_by", "ended_by")] if people else [])


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    more = {"postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **more)


def _directory() -> None:
    table = "payer_card"
    op.create_table(
        table,
        _key(),
        *_place(stay=False),
        *_texts("payer_code", "timezone"),
        sa.Column("cutoff", sa.Time(), nullable=True),
        _array("weekdays", sa.SmallInteger()),
        _array("closed_days", sa.Date()),
        _yes("keeps_federal_holidays", default=True),
        *_texts("decision_within", "urgent_within"),
        *_texts("p2p_effect", default="post_denial_can_overturn"),
        _array("appeal_days", sa.SmallInteger()),
        _day("begins", null=False),
        _day("ends"),
        *_texts("source"),
        *_made(because=False, ended=False),
        _check(table, "p2p_effect", "p2p_effect in ('pre_denial_only', 'post_denial_can_overturn', 'informational')"),
        _check(table, "period", "ends is null or ends >= begins"),
        _check(table, "weekdays", "weekdays <> '{}' and weekdays <@ '{0,1,2,3,4,5,6}'::smallint[]"),
        *_links(table, stay=False),
    )
    _index("ix_payer_card_current", table, "facility_id", "payer_code", "begins", where=OPEN)
    table = "payer_channel"
    op.create_table(
        table,
        _key(),
        *_place(stay=False),
        *_texts("payer_code", "kind", "purpose", "value", "hours"),
        *_made(because=False, ended=False),
        _check(table, "kind", "kind in ('phone', 'portal', 'fax', 'mail')"),
        *_links(table, stay=False),
    )
    _index("ix_payer_channel_current", table, "facility_id", "payer_code", where=OPEN)


def _authorizations() -> None:
    table = "payer_authorization"
    op.create_table(
        table,
        _key(),
        *_place(),
        *_texts("payer_code", "payer_name", "plan_code"),
        *_made(because=False),
        *_ends(table, "struck_out"),
        *_links(table),
    )
    _index("ix_payer_authorization_stay", table, "encounter_id", "made_at")
    _index("ix_payer_authorization_payer", table, "facility_id", "payer_code", where=OPEN)


def _requests() -> None:
    table = "payer_request"
    op.create_table(
        table,
        _key(),
        _key("request_id"),
        _key("authorization_id"),
        *_place(),
        *_texts("event_trace", "certification_type", "service_level", "service_type"),
        _yes("expedited"),
        _day("first_day"),
        _day("until_day"),
        *_texts("level_of_care", "channel", "to_whom", "authorization_number", "reference", "message"),
        _instant("asked_at", null=False),
        *_made(),
        _check(table, "certification_type", "certification_type in ('I', '4', 'S', '3', 'R', '1', '2', 'N')"),
        _check(table, "service_level", "service_level in ('03', 'U', 'E')"),
        _check(table, "channel", f"channel in {CHANNELS}"),
        _check(table, "days", "(first_day is null) = (until_day is null) and until_day > first_day"),
        _check(table, "past", "asked_at <= made_at"),
        *_ends(table, "amended", "struck_out"),
        _link(table, "authorization_id", "payer_authorization"),
        *_links(table),
    )
    _index("uq_payer_request_current", table, "request_id", unique=True, where=OPEN)
    _index("uq_payer_request_trace", table, "event_trace", unique=True, where=OPEN)
    _index("ix_payer_request_stay", table, "encounter_id", "made_at")
    _index("ix_payer_request_authorization", table, "authorization_id")


def _decisions() -> None:
    table = "payer_decision"
    op.create_table(
        table,
        _key(),
        _key("decision_id"),
        _key("authorization_id"),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        *_place(),
        *_texts("action", "authorization_number", "reference"),
        _array("firsts", sa.Date()),
        _array("untils", sa.Date()),
        sa.Column("quantity", sa.Integer(), nullable=True),
        _array("reasons", sa.String()),
        _day("issued_on"),
        _instant("decided_at"),
        _instant("received_at", null=False),
        *_texts("channel", "from_whom"),
        _yes("more_follows"),
        *_texts("text"),
        *_made(),
        _check(table, "action", "action in ('A1', 'A2', 'A3', 'A4', 'A6', 'C', 'CT', 'NA')"),
        _check(table, "channel", f"channel in {CHANNELS}"),
        _check(table, "ranges", "cardinality(firsts) = cardinality(untils)"),
        _check(table, "past", "received_at <= made_at"),
        *_ends(table, "amended", "struck_out"),
        _link(table, "authorization_id", "payer_authorization"),
        *_links(table),
    )
    _index("uq_payer_decision_current", table, "decision_id", unique=True, where=OPEN)
    _index("ix_payer_decision_stay", table, "encounter_id", "made_at")
    _index("ix_payer_decision_authorization", table, "authorization_id")


def _standings() -> None:
    table = "payer_standing"
    op.create_table(
        table,
        _key(),
        _key("authorization_id"),
        *_place(),
        *_texts("state"),
        _instant("since"),
        *_texts("authorization_number"),
        _array("firsts", sa.Date()),
        _array("untils", sa.Date()),
        _day("through"),
        _instant("ask_by"),
        _instant("known_at"),
        *_texts("contradiction"),
        _instant("made_at", null=False),
        _instant("ended_at"),
        _check(
            table,
            "state",
            "state in ('none', 'not_required', 'requested', 'pended', 'approved', 'partially', 'denied', 'cancelled',"
            " 'struck_out')",
        ),
        _link(table, "authorization_id", "payer_authorization"),
        *_links(table, people=False),
    )
    _index("uq_payer_standing_current", table, "authorization_id", unique=True, where=OPEN)
    _index("ix_payer_standing_stay", table, "encounter_id", "made_at")
    _index("ix_payer_standing_open", table, "facility_id", "state", where=OPEN)


def _contacts() -> None:
    table = "payer_contact"
    op.create_table(
        table,
        _key(),
        _key("contact_id"),
        *_place(),
        *_texts("payer_code", "payer_name", "channel", "direction"),
        _instant("at", null=False),
        *_texts("person", "reference", "said"),
        _yes("notified"),
        _instant("follow_up_at"),
        sa.Column("authorization_id", sa.Uuid(), nullable=True),
        sa.Column("denial_id", sa.Uuid(), nullable=True),
        *_made(),
        _check(table, "channel", "channel in ('call', 'portal', 'fax', 'letter')"),
        _check(table, "direction", "direction in ('out', 'in')"),
        _check(table, "past", "at <= made_at"),
        _check(table, "follow_up", "follow_up_at > at"),
        *_ends(table, "amended", "struck_out"),
        _link(table, "authorization_id", "payer_authorization"),
        *_links(table),
    )
    _index("uq_payer_contact_current", table, "contact_id", unique=True, where=OPEN)
    _index("ix_payer_contact_stay", table, "encounter_id", "made_at")
    _index("ix_payer_contact_payer", table, "facility_id", "payer_code", where=OPEN)


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
