"""What the physician advisor lends to the worklists: the list of open questions, their chips, the deed that asks."""

from app.advisor.terms import EscalationKind, Outcome
from app.security.permissions import Permission
from app.web.lists import (
    Chip,
    Choice,
    Column,
    Export,
    Field,
    Filter,
    Join,
    Lends,
    RowAction,
    SortKey,
    WorkList,
    local,
    moment_text,
    named_by,
)

_NOW = "%(now)s::timestamptz"
_OPEN = "x.state in ('waiting', 'returned', 'with_attending', 'talk')"
_NAMED = named_by(
    f"select x.encounter_id from escalation x where x.facility_id = %(facility)s and x.ended_at is null and {_OPEN}"
)
_FIRST = "order by coalesce(s.begins_at, x.due_at), x.asked_at limit 1"

JOINS = (
    Join(
        "question",
        "left join lateral (select x.state, x.rung, x.kind, x.question, x.asked_at, x.asked_by, x.holder_id,"
        " s.begins_at as slot_at, case when x.state = 'waiting' then x.due_at end as due_at,"
        " coalesce(s.begins_at, x.due_at) as first_at from escalation x left join lateral (select s.begins_at"
        " from peer_slot s where s.escalation_id = x.escalation_id and s.ended_at is null and s.chosen offset 0) s"
        f" on true where x.encounter_id = any(sp.ids) and x.ended_at is null and {_OPEN} {_FIRST}) es on true",
        needs=("parts",),
    ),
    Join(
        "opinion",
        "left join lateral (select d.outcome, d.decided_at from escalation_decision d"
        f" where d.encounter_id = any(sp.ids) and d.ended_at is null"
        " and d.outcome not in ('more_information', 'ask_attending', 'peer_to_peer')"
        f" and d.decided_at > {_NOW} - interval '24 hours' order by d.decided_at desc limit 1) op on true",
        needs=("parts",),
    ),
)

_LATE = f"es.due_at < {_NOW}"
_TONE = f"case when {_LATE} then 'red' when es.rung = 'chief_medical_officer' then 'amber' else 'gray' end"
_SLOT_DAY = f"{local('es.slot_at')}::date"
_SLOT = (
    f"case when es.slot_at < {_NOW} then 'red phone P2P ' when {_SLOT_DAY} = %(today)s::date then 'amber phone P2P '"
    f" else 'gray phone P2P ' || to_char({local('es.slot_at')}, 'Dy') || ' ' end || to_char({local('es.slot_at')},"
    " 'HH24:MI')"
)
_ASKED = (
    "case es.rung when 'physician_advisor' then 'PA asked' when 'chief_medical_officer' then 'CMO asked'"
    " when 'lead' then 'lead asked' else 'CM asked' end"
)
_SAID = " ".join(
    f"when '{outcome.value}' then '{words}'"
    for outcome, words in {
        Outcome.INPATIENT_SUPPORTED: "PA: supported",
        Outcome.OBSERVATION_APPROPRIATE: "PA: observation",
        Outcome.DISCHARGE_APPROPRIATE: "PA: discharge",
        Outcome.KEEP_PLAN: "plan stands",
        Outcome.CHANGE_PLAN: "plan to change",
        Outcome.OVERTURNED: "denial overturned",
        Outcome.PARTLY: "denial partly overturned",
        Outcome.UPHELD: "denial upheld",
        Outcome.NOT_HELD: "no P2P held",
    }.items()
)

CHIPS = (
    Chip(
        "question",
        f"case when es.state is null then null when es.slot_at is not null then {_SLOT}"
        " when es.state = 'returned' then 'amber ask PA asks back'"
        " when es.state = 'with_attending' then 'blue mail attending asked'"
        " when es.kind = 'concurrent_denial' or es.state = 'talk' then 'amber phone P2P open'"
        f" else {_TONE} || ' ask ' || {_ASKED} || case when {_LATE} then ', late' else '' end end",
        9,
        joins=("question",),
    ),
    Chip("opinion", f"'green check ' || case op.outcome {_SAID} end", 11, joins=("opinion",)),
)

_KINDS = " ".join(f"when '{one.value}' then '{one.label}'" for one in EscalationKind)
ASKED = Column(
    "asked",
    "Question",
    "also",
    "advisor/stay/_cell.html",
    place=63,
    sort="question",
    joins=("question",),
    lists=("decisions",),
    fields=(
        Field("asked_kind", f"coalesce(case es.kind {_KINDS} end, '')"),
        Field("asked_until", f"case when es.first_at is null then '' else 'by ' || {moment_text('es.first_at')} end"),
        Field("asked_state", "case es.state when 'waiting' then '' else replace(coalesce(es.state, ''), '_', ' ') end"),
    ),
    export=(
        Export("asked_kind", "Question about"),
        Export("asked", "Question", "es.question"),
        Export("asked_at", "Asked", "es.asked_at", "instant"),
        Export("answer_by", "Answer by", "es.first_at", "instant"),
    ),
    paper=("asked_kind", "asked_until"),
)

FILTERS = (
    Filter(
        "question",
        "Question",
        lists=("decisions", "inpatient"),
        joins=("question", "opinion"),
        choices=(
            Choice("open", "Open", "es.state is not null"),
            Choice("overdue", "Not answered in time", f"coalesce({_LATE}, false)"),
            Choice("lead", "With the lead", "coalesce(es.rung = 'lead' and es.state = 'waiting', false)"),
            Choice(
                "manager", "With case managers", "coalesce(es.rung = 'case_manager' and es.state = 'waiting', false)"
            ),
            Choice("returned", "Asked back", "coalesce(es.state = 'returned', false)"),
            Choice("mine", "Asked by me", "coalesce(es.asked_by = %(me)s, false)"),
            Choice("answered", "Answered in 24 hours", "op.outcome is not null"),
        ),
    ),
)

LISTS = (
    WorkList(
        "decisions",
        "Decisions",
        f"{_NAMED} and es.state is not null and es.rung in ('physician_advisor', 'chief_medical_officer')",
        ("question", "unit"),
        "No question waits for a physician.",
        joins=("question",),
        fills="A stay comes here when a review refers it, a payer denies while the patient is here, or somebody asks.",
        elsewhere=("inpatient", "observation"),
        permission=Permission.DECIDE,
    ),
)

LENDS = Lends(
    joins=JOINS,
    columns=(ASKED,),
    chips=CHIPS,
    filters=FILTERS,
    sorts=(SortKey("question", "Answer due", "es.first_at", joins=("question",)),),
    actions=(
        RowAction("refer", "Refer", "/encounters/{id}/escalations/new", Permission.ESCALATE, key="u", place=25,
                  in_place=True),
    ),
    lists=LISTS,
)  # fmt: skip
