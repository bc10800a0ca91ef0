"""What the days after discharge lend to the worklists: the queue of calls, its column, chips and filter."""

from app.discharge.after.readmitted.rules import WITHIN_DAYS
from app.discharge.after.rules import MOST_ATTEMPTS
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
    named_by,
)

LIST = "post-discharge-calls"
_CALLS = "('TC-CALL', 'TC-AGAIN')"
_RULES = "('TC-CALL', 'TC-AGAIN', 'TC-ISSUE')"
_OPEN = "o.ended_at is null and o.required and o.closed_at is null"
# Stays that still ask for a call or have something to settle, thirty days from the discharge; then the calls are over.
_NAMED = named_by(f"select o.encounter_id from obligation o where o.facility_id = %(facility)s and {_OPEN}"
                  f" and o.rule in {_RULES}")  # fmt: skip
_HELD = (
    f"{_NAMED} and e.status = 'discharged' and e.discharge_at > %(now)s::timestamptz - interval '{WITHIN_DAYS} days'"
    " and e.disposition not in ('20', '40', '41', '42') and fu.at is not null"
)
JOINS = (
    Join(
        "follow_up",
        f"cross join lateral (select min(o.due_at) filter (where o.rule in {_RULES}) as at,"
        f" min(o.due_at) filter (where o.rule in {_CALLS}) as call_at,"
        " min(o.due_at) filter (where o.rule = 'TC-CALL') as first_at,"
        " min(o.due_at) filter (where o.rule = 'TC-ISSUE') as issue_at,"
        " min(o.due_at) filter (where o.rule = 'TCM-2BD') as contact_at"
        f" from obligation o where o.encounter_id = e.id and {_OPEN}) fu",
    ),
    Join(
        "follow_up_calls",
        "cross join lateral (select count(*) filter (where c.outcome in ('no_answer', 'message', 'wrong_number'))::int"
        " as tried, count(*) filter (where c.outcome in ('patient', 'caregiver'))::int as reached,"
        " (array_agg(c.next_why like '%%letter%%' order by c.at desc))[1] as letter"
        " from follow_up_call c where c.encounter_id = e.id and c.ended_at is null and c.state = 'recorded') fc",
    ),
)
_NOW, _TODAY = "%(now)s::timestamptz", "%(today)s::date"


def _due(at: str) -> str:
    """`14:00` today, `Thu 5 Mar 14:00` on another day; empty for none."""
    wall = local(at)
    return (
        f"case when {at} is null then '' when {wall}::date = {_TODAY} then to_char({wall}, 'HH24:MI')"
        f" else to_char({wall}, 'Dy FMDD Mon HH24:MI') end"
    )


_WHAT = (
    "case when fu.call_at is null then 'issue' when fc.letter then 'letter' when fc.tried = 0 and fc.reached = 0"
    " then 'first call' when fc.reached > 0 then 'call again' else 'attempt ' || (fc.tried + 1) end"
)
TO_CALL = Column(
    "to_call",
    "To call",
    "also",
    "discharge/cells/_call.html",
    place=64,
    sort="call",
    joins=("follow_up", "follow_up_calls"),
    lists=(LIST,),
    fields=(
        Field("call_due", _due("fu.at")),
        Field("call_late", f"coalesce(fu.at < {_NOW}, false)", bool),
        Field("call_what", _WHAT),
        Field("call_phone", "p.phone"),
    ),
    export=(
        Export("call_at", "Call or issue due", "fu.at", "instant"),
        Export("call_what", "What is due", _WHAT),
        Export("attempts", "Calls that reached nobody", "fc.tried", "count"),
    ),
    paper=("call_what", "call_due", "call_phone"),
)
_SOON = f"{local('fu.{0}')}::date = {_TODAY}"
CHIPS = (
    Chip(
        "first-call",
        f"case when fu.first_at is null then null when fu.first_at < {_NOW} then 'red phone first call late'"
        f" when {_SOON.format('first_at')} then 'amber phone first call today' end",
        0,
        joins=("follow_up",),
        lists=(LIST,),
    ),
    Chip(
        "attempt",
        f"case when fc.letter then 'amber mail send a letter' when fc.reached = 0 and fc.tried between 1 and"
        f" {MOST_ATTEMPTS - 1} then 'gray phone attempt ' || (fc.tried + 1) end",
        2,
        joins=("follow_up_calls",),
        lists=(LIST,),
    ),
    Chip(
        "call-issue",
        f"case when fu.issue_at is null then null when fu.issue_at < {_NOW} then 'red alert issue late'"
        " else 'amber alert issue open' end",
        1,
        joins=("follow_up",),
        lists=(LIST,),
    ),
    Chip(
        "contact-by",
        f"case when fu.contact_at < {_NOW} then 'gray phone TCM contact missed' when fu.contact_at is not null"
        f" then 'blue phone TCM by ' || to_char({local('fu.contact_at')}, 'Dy FMDD') end",
        3,
        joins=("follow_up",),
        lists=(LIST,),
    ),
    Chip(
        "readmitted",
        "(select 'amber in readmitted day ' || ((e.start_at at time zone %(zone)s::text)::date"
        " - (x.discharge_at at time zone %(zone)s::text)::date) from encounter x where x.patient_id = e.patient_id"
        " and x.facility_id = e.facility_id and x.id <> e.id and x.status = 'discharged' and x.gone_at is null"
        " and x.patient_class in ('IP', 'OBS') and x.discharge_at <= e.start_at and e.patient_class in ('IP', 'OBS')"
        " and (e.start_at at time zone %(zone)s::text)::date - (x.discharge_at at time zone %(zone)s::text)::date"
        f" <= {WITHIN_DAYS} order by x.discharge_at desc limit 1)",
        40,
    ),
)
FILTERS = (
    Filter(
        "call",
        "Call",
        joins=("follow_up", "follow_up_calls"),
        lists=(LIST,),
        choices=(
            Choice("first", "First call", "fu.first_at is not null and fc.tried = 0"),
            Choice("again", "Call again", "fu.call_at is not null and fc.tried > 0"),
            Choice("issue", "Issue open", "fu.issue_at is not null"),
            Choice("late", "Late", f"coalesce(fu.at < {_NOW}, false)"),
        ),
    ),
)
LENDS = Lends(
    joins=JOINS,
    columns=(TO_CALL,),
    chips=CHIPS,
    filters=FILTERS,
    sorts=(SortKey("call", "Call or issue due", "fu.at", joins=("follow_up",)),),
    actions=(
        RowAction("call", "Call", "/encounters/{id}/calls/new", Permission.FOLLOW_UP_WRITE, key="p", place=36,
                  in_place=True),
    ),
    lists=(
        WorkList(
            LIST,
            "Post-discharge calls",
            _HELD,
            ("call", "next"),
            "Nobody waits for a call.",
            joins=("follow_up",),
            fills="A stay comes here when its patient went home, and stays until somebody was reached and nothing is"
            " open.",
            elsewhere=("discharges", "inpatient"),
            appears="with content",
        ),
    ),
)  # fmt: skip
