"""What referrals lend to the worklists: the list of open needs, chips that say how they stand, the deed that asks."""

from app.discharge.terms import CareType
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
    moment_text,
    named_by,
)

_NOW = "%(now)s::timestamptz"
_WAITS = "x.state in ('sent', 'opened', 'question')"
_COUNTED = (
    "count(*) filter (where x.state <> 'draft' and x.sent_at is not null) as asked,"
    " count(*) filter (where x.state = 'accepted') as yes, count(*) filter (where x.state = 'question') as questions,"
    f" count(*) filter (where x.state = 'draft') as proposed, count(*) filter (where {_WAITS}) as waits,"
    f" min(x.sent_at) filter (where {_WAITS} and x.state <> 'question') as oldest_at,"
    f" min(x.due_at) filter (where {_WAITS}) as due_at"
)
_NEEDS = (
    "(select n.care_type, n.due_at as need_due, t.* from (select y.* from referral_request y"
    f" where y.encounter_id = any(sp.ids) and y.ended_at is null and y.state = 'open') n"
    f" cross join lateral (select {_COUNTED} from referral x where x.request_id = n.request_id"
    " and x.ended_at is null) t)"
)

JOINS = (
    Join(
        "referral",
        "left join lateral (select sum(w.asked) as asked, sum(w.yes) as yes, sum(w.questions) as questions,"
        " sum(w.proposed) as proposed, sum(w.waits) as waits, min(w.oldest_at) as oldest_at, min(w.due_at) as due_at,"
        " count(*) as needs, min(w.care_type) as care_type, bool_or(w.yes = 0) as open_need"
        f" from {_NEEDS} w having count(*) > 0) rf on true",
        needs=("parts",),
    ),
)
_LATE = f"(rf.waits > 0 and rf.yes = 0 and rf.due_at < {_NOW})"
_HOURS = f"floor(extract(epoch from {_NOW} - rf.oldest_at) / 3600)::int"
CHIPS = (
    Chip(
        "referral",
        "case when rf.needs is null then null when rf.questions > 0 then 'blue ask question from facility'"
        f" when rf.yes > 0 then 'green check referral ' || rf.yes || '/' || rf.asked || ' yes'"
        f" when {_LATE} and rf.oldest_at is not null then 'red clock no answer ' || {_HOURS} || ' h'"
        " when rf.waits = 0 then 'red x no place left'"
        " else 'gray mail referral 0/' || rf.asked || ' yes' end",
        10,
        joins=("referral",),
    ),
)
_CARE = " ".join(f"when '{one.value}' then '{one.label}'" for one in CareType)
SOUGHT = Column(
    "sought",
    "Referral",
    "also",
    "discharge/referrals/_cell.html",
    place=64,
    sort="referral",
    joins=("referral",),
    lists=("referrals-open",),
    fields=(
        Field("sought_care", f"coalesce(case when rf.needs > 1 then rf.needs || ' needs' else case rf.care_type {_CARE}"
              " end end, '')"),
        Field("sought_count", "case when rf.needs is null then '' else rf.yes || ' of ' || rf.asked || ' yes' end"),
        Field("sought_until", f"case when rf.due_at is null then '' else 'by ' || {moment_text('rf.due_at')} end"),
    ),
    export=(
        Export("sought", "Sought"),
        Export("referrals_asked", "Vendors asked", "rf.asked"),
        Export("referrals_yes", "Accepted", "rf.yes"),
        Export("referral_oldest", "Oldest unanswered since", "rf.oldest_at", "instant"),
        Export("referral_due", "Answer due", "rf.due_at", "instant"),
    ),
    paper=("sought_care", "sought_count", "sought_until"),
)  # fmt: skip

FILTERS = (
    Filter(
        "referral",
        "Referral",
        lists=("referrals-open", "inpatient"),
        joins=("referral",),
        choices=(
            Choice("open", "Open", "rf.needs is not null"),
            Choice("question", "Question from a facility", "coalesce(rf.questions > 0, false)"),
            Choice("accepted", "Accepted, choice open", "coalesce(rf.yes > 0, false)"),
            Choice("late", "No answer in time", f"coalesce({_LATE}, false)"),
            Choice("nobody", "Nobody left to answer", "coalesce(rf.waits = 0 and rf.yes = 0, false)"),
            Choice("proposed", "Vendors proposed", "coalesce(rf.proposed > 0, false)"),
        ),
    ),
)
_NAMED = named_by(
    "select n.encounter_id from referral_request n"
    " where n.facility_id = %(facility)s and n.ended_at is null and n.state = 'open'"
)
LISTS = (
    WorkList(
        "referrals-open",
        "Referrals",
        f"{_NAMED} and rf.needs is not null",
        ("referral", "unit"),
        "No need is open that vendors were asked about.",
        joins=("referral",),
        fills="A stay comes here when vendors are asked about it (key f), and leaves when one is booked.",
        elsewhere=("inpatient", "observation"),
        permission=Permission.REFERRAL_WRITE,
    ),
)
LENDS = Lends(
    joins=JOINS,
    columns=(SOUGHT,),
    chips=CHIPS,
    filters=FILTERS,
    sorts=(SortKey("referral", "Oldest unanswered", "rf.oldest_at", joins=("referral",)),),
    actions=(
        RowAction("referral", "Refer", "/encounters/{id}/referrals/new", Permission.REFERRAL_WRITE, key="f", place=27),
    ),
    lists=LISTS,
)
