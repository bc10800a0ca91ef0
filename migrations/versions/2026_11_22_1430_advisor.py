"""Physician advisor: escalations with their ladder, decisions, peer-to-peer talks, messages to the attending."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
KINDS = "('status_question', 'continued_stay', 'concurrent_denial', 'long_stay', 'quality_of_plan')"
STATES = "('waiting', 'returned', 'with_attending', 'talk', 'decided', 'withdrawn', 'struck_out')"
RUNGS = "('case_manager', 'lead', 'physician_advisor', 'chief_medical_officer')"
ACTIONS = (
    "('ask', 'rise', 'take', 'hand_over', 'return', 'answer_back', 'ask_attending', 'hear_attending', 'plan_talk',"
    " 'decide', 'amend', 'strike_decision', 'withdraw', 'strike_out')"
)
OUTCOMES = (
    "('inpatient_supported', 'observation_appropriate', 'discharge_appropriate', 'keep_plan', 'change_plan',"
    " 'overturned', 'partly', 'upheld', 'not_held', 'more_information', 'ask_attending', 'peer_to_peer')"
)
REASONS = (
    "('two_midnights_expected', 'two_midnights_passed', 'case_by_case', 'risk_documented', 'acute_need',"
    " 'no_safe_lower_level', 'convenience', 'discharge_today', 'need_not_documented', 'lower_level_safe', 'stable',"
    " 'hearing_fixed', 'family_forward', 'plan_sound', 'legal_step', 'team_conference', 'payer_criteria', 'new_facts',"
    " 'no_new_facts', 'physician_unreachable', 'not_worth_calling', 'attending_calls', 'window_missed',"
    " 'plan_cannot_change', 'document_expectation', 'clarify_plan', 'call_me', 'clinical_facts', 'payer_letter',"
    " 'before_letter', 'other')"
)
PAYER_REASONS = "('level_of_care', 'not_necessary', 'delay', 'no_authorization', 'no_information', 'other')"
OF_STAYS = (
    "escalation", "escalation_decision", "peer_talk", "peer_slot", "attending_message", "attending_reply",
    "attending_link",
)  # fmt: skip


def upgrade() -> None:
    _escalations()
    _decisions()
    _ladder()
    _talks()
    _messages()
    for table in OF_STAYS:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table, secret=("digest",) if table == "attending_link" else ())
        remembered(table, made="made_at")
    scoped_by_facility("escalation_ladder")
    granted("escalation_ladder", "select, insert, update")
    audited("escalation_ladder")


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
    for column in people or ("made_by", "ended_by"):
        found.append(sa.ForeignKeyConstraint([column], ["app_user.id"], name=op.f(f"fk_{table}_{column}_app_user")))
    return found


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    more = {"postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **more)


def _escalations() -> None:
    table = "escalation"
    op.create_table(
        table,
        _key(),
        _uuid("escalation_id", null=False),
        *_stay(),
        *_texts("kind", "question", "background"),
        _uuid("review_id"),
        _uuid("denial_id"),
        _instant("asked_at", null=False),
        _uuid("asked_by"),
        *_texts("state", "rung"),
        _instant("due_at"),
        _uuid("holder_id"),
        *_texts("action", "note"),
        *_made(ended_by=False),
        _check(table, "kind", f"kind in {KINDS}"),
        _check(table, "state", f"state in {STATES}"),
        _check(table, "rung", f"rung in {RUNGS}"),
        _check(table, "action", f"action in {ACTIONS}"),
        _check(table, "question", "question <> ''"),
        _check(table, "due", "(state = 'waiting') <= (due_at is not null)"),
        *_links(table, "asked_by", "holder_id", "made_by"),
    )
    _index("uq_escalation_current", table, "escalation_id", unique=True, where=OPEN)
    _index("ix_escalation_stay", table, "encounter_id", "made_at")
    _index("ix_escalation_due", table, "due_at", where="ended_at is null and state = 'waiting'")
    where = "ended_at is null and state in ('waiting', 'returned', 'with_attending', 'talk')"
    _index("ix_escalation_open", table, "facility_id", where=where)


def _decisions() -> None:
    table = "escalation_decision"
    op.create_table(
        table,
        _key(),
        _uuid("decision_id", null=False),
        _uuid("escalation_id", null=False),
        *_stay(),
        *_texts("outcome", "reason", "rationale"),
        _instant("decided_at", null=False),
        _uuid("decided_by"),
        _instant("made_at", null=False),
        _uuid("made_by"),
        *_texts("made_because"),
        _instant("ended_at"),
        _uuid("ended_by"),
        *_texts("ended_because", "ended_reason"),
        _check(table, "outcome", f"outcome in {OUTCOMES}"),
        _check(table, "reason", f"reason in {REASONS}"),
        _check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        _check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out')"),
        _check(table, "rationale", "reason <> 'other' or rationale <> ''"),
        *_links(table, "decided_by", "made_by", "ended_by"),
    )
    _index("uq_escalation_decision_current", table, "decision_id", unique=True, where=OPEN)
    _index("ix_escalation_decision_stay", table, "encounter_id", "made_at")
    _index("ix_escalation_decision_escalation", table, "escalation_id")
    _index("ix_escalation_decision_facility", table, "facility_id", "decided_at", where=OPEN)


def _ladder() -> None:
    table = "escalation_ladder"
    rungs = ("case_manager", "lead", "physician_advisor", "chief_medical_officer")
    minutes = " and ".join(f"coalesce({rung}, 1) > 0" for rung in rungs)
    op.create_table(
        table,
        _key(),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        *[sa.Column(rung, sa.Integer(), nullable=True) for rung in rungs],
        *_made(),
        _check(table, "minutes", minutes),
        _check(table, "physician", "physician_advisor is not null or chief_medical_officer is not null"),
        *_links(table, stay=False),
    )
    _index("ix_escalation_ladder_facility", table, "facility_id", "begins")


def _talks() -> None:
    table = "peer_talk"
    op.create_table(
        table,
        _key(),
        _uuid("escalation_id", null=False),
        *_stay(),
        *_texts("payer_code", "payer_name"),
        sa.Column("payer_reason", sa.String(), server_default=sa.text("'other'"), nullable=False),
        _instant("deadline_at"),
        *_texts("call_back", "physician", "specialty"),
        *_made(ended_by=False),
        _check(table, "payer_reason", f"payer_reason in {PAYER_REASONS}"),
        *_links(table, "made_by"),
    )
    _index("uq_peer_talk_current", table, "escalation_id", unique=True, where=OPEN)
    _index("ix_peer_talk_stay", table, "encounter_id", "made_at")
    table = "peer_slot"
    op.create_table(
        table,
        _key(),
        _uuid("escalation_id", null=False),
        *_stay(),
        _instant("begins_at", null=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_made(),
        _check(table, "minutes", "minutes between 5 and 180"),
        *_links(table),
    )
    _index("uq_peer_slot_chosen", table, "escalation_id", unique=True, where="ended_at is null and chosen")
    _index("ix_peer_slot_escalation", table, "escalation_id")
    _index("ix_peer_slot_stay", table, "encounter_id", "made_at")


def _messages() -> None:
    table = "attending_message"
    op.create_table(
        table,
        _key(),
        *_stay(),
        _uuid("escalation_id"),
        *_texts("question", "attending_number", "attending_name"),
        _instant("due_at", null=False),
        *_made(),
        _check(table, "question", "question <> ''"),
        _check(table, "due", "due_at > made_at"),
        *_links(table),
    )
    _index("ix_attending_message_stay", table, "encounter_id", "made_at")
    _index("ix_attending_message_escalation", table, "escalation_id")
    message = sa.ForeignKeyConstraint(
        ["message_id"], ["attending_message.id"], name=op.f("fk_attending_reply_message_id_attending_message")
    )
    table = "attending_reply"
    op.create_table(
        table,
        _key(),
        _uuid("message_id", null=False),
        *_stay(),
        *_texts("answer", "said", "channel", "answered_by"),
        _instant("answered_at", null=False),
        *_made(),
        *_texts("ended_reason"),
        _check(table, "answer", "answer in ('agree', 'will_document', 'will_discharge', 'disagree')"),
        _check(table, "channel", "channel in ('signed_in', 'link', 'telephone')"),
        _check(table, "past", "answered_at <= made_at"),
        _check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        message,
        *_links(table),
    )
    _index("uq_attending_reply_current", table, "message_id", unique=True, where=OPEN)
    _index("ix_attending_reply_stay", table, "encounter_id", "made_at")
    _attending_links()


def _attending_links() -> None:
    table = "attending_link"
    op.create_table(
        table,
        _key(),
        _uuid("message_id", null=False),
        *_stay(),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _instant("expires_at", null=False),
        *_made(),
        _check(table, "expires", "expires_at > made_at"),
        sa.UniqueConstraint("digest", name=op.f("uq_attending_link_digest")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["attending_message.id"], name=op.f("fk_attending_link_message_id_attending_message")
        ),
        *_links(table),
    )
    _index("ix_attending_link_message", table, "message_id")
    _index("ix_attending_link_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
