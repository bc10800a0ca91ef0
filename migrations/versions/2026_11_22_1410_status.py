"""Status: determinations of the committee with opinions, consultations and notices; changes of status."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
ACTIONS = (
    "('open', 'consult', 'give_opinion', 'find_not_necessary', 'find_necessary', 'notify', 'close', 'amend',"
    " 'withdraw', 'strike_out')"
)
OF_STAYS = (
    "care_team_entry", "determination", "determination_consult", "determination_opinion", "determination_notice",
    "admission_expectation", "status_change", "claim_statement",
)  # fmt: skip


def upgrade() -> None:
    _committee_member()
    _care_team_entry()
    _determination()
    _determination_consult()
    _determination_opinion()
    _determination_notice()
    _admission_expectation()
    _status_change()
    _claim_statement()
    for table in OF_STAYS:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")
    scoped_by_facility("committee_member")
    granted("committee_member", "select, insert, update")
    audited("committee_member")
    remembered("committee_member", made="made_at")


def _key() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _stay() -> list[sa.Column[object]]:
    return [
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False) for name in names]


def _instant(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _uuid(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=null)


def _made(*, ended_by: bool = True) -> list[sa.Column[object]]:
    made = [_instant("made_at", null=False), _uuid("made_by"), _instant("ended_at")]
    return [*made, _uuid("ended_by")] if ended_by else made


def _links(table: str, *people: str, stay: bool = True) -> list[sa.Constraint]:
    facility = sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f(f"fk_{table}_facility_id_facility"))
    found: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")), facility]
    if stay:
        name = op.f(f"fk_{table}_encounter_id_encounter")
        found.append(sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=name))
    for column in people:
        found.append(sa.ForeignKeyConstraint([column], ["app_user.id"], name=op.f(f"fk_{table}_{column}_app_user")))
    return found


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    more = {"postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **more)


def _committee_member() -> None:
    table = "committee_member"
    op.create_table(
        table,
        _key(),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        _uuid("user_id", null=False),
        *_texts("degree"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("financial_interest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_made(ended_by=True),
        _check(table, "days", "last_day is null or last_day >= first_day"),
        _check(
            table,
            "degree",
            "degree in ('md', 'do', 'dentist', 'podiatrist', 'optometrist', 'chiropractor', 'psychologist')",
        ),
        *_links(table, "user_id", "made_by", "ended_by", stay=False),
    )
    _index("uq_committee_member_current", table, "facility_id", "user_id", unique=True, where=OPEN)


def _care_team_entry() -> None:
    table = "care_team_entry"
    op.create_table(
        table,
        _key(),
        *_stay(),
        _uuid("user_id"),
        *_texts("name", "number", "capacity"),
        *_made(ended_by=True),
        *_texts("ended_reason"),
        _check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        _check(table, "named", "name <> '' or user_id is not null"),
        *_links(table, "user_id", "made_by", "ended_by"),
    )
    _index("ix_care_team_entry_stay", table, "encounter_id", "made_at")


def _determination() -> None:
    table = "determination"
    op.create_table(
        table,
        _key(),
        _uuid("determination_id", null=False),
        *_stay(),
        *_texts("question"),
        _uuid("review_id"),
        _instant("opened_at", null=False),
        _uuid("opened_by"),
        *_texts("state", "finding", "rationale"),
        sa.Column("members_needed", sa.Integer(), nullable=True),
        _instant("determined_at"),
        _uuid("determined_by"),
        *_texts("exception", "action", "note"),
        *_made(ended_by=False),
        _check(table, "action", f"action in {ACTIONS}"),
        _check(table, "determined", "(finding <> '') = (determined_at is not null)"),
        _check(table, "finding", "finding in ('', 'necessary', 'not_necessary')"),
        _check(table, "question", "question in ('admission', 'continued_stay', 'self_denial')"),
        _check(table, "reasons", "finding <> 'not_necessary' or (rationale <> '' and members_needed in (1, 2))"),
        _check(table, "state", "state in ('open', 'determined', 'closed', 'withdrawn', 'struck_out')"),
        *_links(table, "opened_by", "determined_by", "made_by"),
    )
    _index("ix_determination_open", table, "facility_id", where="ended_at is null and state in ('open', 'determined')")
    _index("ix_determination_stay", table, "encounter_id", "made_at")
    _index("uq_determination_current", table, "determination_id", unique=True, where=OPEN)


def _determination_consult() -> None:
    table = "determination_consult"
    op.create_table(
        table,
        _key(),
        _uuid("determination_id", null=False),
        *_stay(),
        *_texts("part", "practitioner"),
        _instant("attempted_at", null=False),
        *_texts("channel", "answer", "views", "documented_in"),
        *_made(ended_by=True),
        *_texts("ended_reason"),
        _check(table, "answer", "answer in ('concurs', 'disagrees', 'no_answer')"),
        _check(table, "channel", "channel in ('in_person', 'telephone', 'page', 'message', 'letter', 'electronic')"),
        _check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        _check(table, "part", "part in ('responsible', 'other')"),
        _check(table, "past", "attempted_at <= made_at"),
        _check(table, "practitioner", "practitioner <> ''"),
        _check(table, "views", "answer <> 'disagrees' or views <> ''"),
        *_links(table, "made_by", "ended_by"),
    )
    _index("ix_determination_consult_of", table, "determination_id")
    _index("ix_determination_consult_stay", table, "encounter_id", "made_at")


def _determination_opinion() -> None:
    table = "determination_opinion"
    op.create_table(
        table,
        _key(),
        _uuid("determination_id", null=False),
        *_stay(),
        _uuid("member_id", null=False),
        _uuid("user_id", null=False),
        *_texts("finding", "rationale"),
        *_made(ended_by=True),
        *_texts("ended_reason"),
        _check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        _check(table, "finding", "finding in ('necessary', 'not_necessary')"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["committee_member.id"], name=op.f("fk_determination_opinion_member_id_committee_member")
        ),
        *_links(table, "user_id", "made_by", "ended_by"),
    )
    _index("ix_determination_opinion_stay", table, "encounter_id", "made_at")
    _index("uq_determination_opinion_current", table, "determination_id", "user_id", unique=True, where=OPEN)


def _determination_notice() -> None:
    table = "determination_notice"
    op.create_table(
        table,
        _key(),
        _uuid("determination_id", null=False),
        *_stay(),
        *_texts("told", "recipient", "channel", "given_by"),
        _instant("delivered_at", null=False),
        *_made(ended_by=True),
        *_texts("ended_reason"),
        _check(table, "channel", "channel in ('letter', 'electronic')"),
        _check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        _check(table, "past", "delivered_at <= made_at"),
        _check(table, "told", "told in ('hospital', 'patient', 'practitioner')"),
        *_links(table, "made_by", "ended_by"),
    )
    _index("ix_determination_notice_stay", table, "encounter_id", "made_at")
    _index("uq_determination_notice_current", table, "determination_id", "told", unique=True, where=OPEN)


def _admission_expectation() -> None:
    table = "admission_expectation"
    op.create_table(
        table,
        _key(),
        *_stay(),
        *_texts("basis", "physician"),
        _instant("written_at", null=False),
        *_texts("factors", "cut_short"),
        _instant("elsewhere_since"),
        *_made(ended_by=True),
        *_texts("ended_reason"),
        _check(table, "basis", "basis in ('two_midnights', 'case_by_case', 'inpatient_only')"),
        _check(table, "cut_short", "cut_short in ('', 'death', 'transfer', 'against_advice', 'recovery', 'hospice')"),
        _check(table, "past", "written_at <= made_at"),
        _check(table, "said", "factors <> '' and physician <> ''"),
        *_links(table, "made_by", "ended_by"),
    )
    _index("ix_admission_expectation_stay", table, "encounter_id", "made_at")
    _index("uq_admission_expectation_current", table, "encounter_id", unique=True, where=OPEN)


def _status_change() -> None:
    table = "status_change"
    op.create_table(
        table,
        _key(),
        _uuid("change_id", null=False),
        *_stay(),
        *_texts("kind", "state"),
        _instant("begun_at", null=False),
        _uuid("begun_by"),
        _uuid("determination_id"),
        *_texts("order_number", "ordered_by"),
        _instant("ordered_at"),
        _instant("effective_at"),
        _instant("completed_at"),
        _uuid("completed_by"),
        *_texts("reason", "note"),
        *_made(ended_by=False),
        _check(table, "forward", "effective_at is null or effective_at >= ordered_at"),
        _check(table, "kind", "kind in ('to_inpatient', 'condition_44')"),
        _check(table, "order", "state <> 'completed' or (completed_at is not null and ordered_at is not null)"),
        _check(table, "state", "state in ('open', 'completed', 'withdrawn', 'struck_out')"),
        *_links(table, "begun_by", "completed_by", "made_by"),
    )
    _index("ix_status_change_stay", table, "encounter_id", "made_at")
    _index(
        "ix_status_change_waiting", table, "facility_id", where="ended_at is null and state in ('open', 'completed')"
    )
    _index("uq_status_change_current", table, "change_id", unique=True, where=OPEN)
    _index("uq_status_change_open", table, "encounter_id", unique=True, where="ended_at is null and state = 'open'")


def _claim_statement() -> None:
    table = "claim_statement"
    op.create_table(
        table,
        _key(),
        *_stay(),
        *_texts("statement", "said_by"),
        _instant("said_at", null=False),
        *_made(ended_by=True),
        *_texts("ended_reason"),
        _check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        _check(table, "past", "said_at <= made_at"),
        _check(table, "said_by", "said_by <> ''"),
        _check(table, "statement", "statement in ('not_submitted', 'submitted', 'denial_filed')"),
        *_links(table, "made_by", "ended_by"),
    )
    _index("ix_claim_statement_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
