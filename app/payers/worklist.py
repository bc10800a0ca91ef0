"""What payers lend to the worklists: the list of authorizations, chips, filters, the deed by which a contact is kept.

The join `authorized` says of a stay what payers have said of it as a whole: the last day that any of them covers, by
when further days must be asked, whether an answer is awaited, and whether an answer needs a person.
"""

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

_TODAY = "%(today)s::date"
_HERE = "e.status in ('registered', 'admitted', 'on_leave')"
# A pending discharge is nearer than what is planned; the plan's day stands in the place of the feed's.
_LEAVES = f"coalesce(case when e.pending_kind = 'discharge' then {local('e.pending_at')}::date end, pd.day)"
_WAITS = "coalesce(au.waits, false)"
_WAITING = named_by(
    "select s.encounter_id from payer_standing s where s.facility_id = %(facility)s and s.ended_at is null"
    " and s.state in ('requested', 'pended')"
)
_UNCLEAR = "coalesce(au.unclear, false)"
_UNTIL = "(au.through + 1)"
# An expected departure on the day after the last covered day leaves no night uncovered.
_EXCEEDED = f"coalesce({_LEAVES} > {_UNTIL}, false)"
_ENDED = f"coalesce(au.through < {_TODAY}, false)"
_ENDS_TODAY = f"coalesce(au.through = {_TODAY}, false)"
_ASK_DAY = f"{local('au.ask_by')}::date"
# The last day of this week on which somebody can be asked is in `ask_by` already, with the payer's own holidays.
_WEEKEND = f"({_TODAY} + (7 - extract(isodow from {_TODAY}))::int)"
_DAYS_PENDED = f"({_TODAY} - {local('au.pended_since')}::date)"


def _day(expression: str) -> str:
    return (
        f"case when extract(year from {expression}) = extract(year from {_TODAY}) then to_char({expression}, 'Dy FMDD"
        f" Mon') else to_char({expression}, 'Dy FMDD Mon YYYY') end"
    )


JOINS = (
    Join(
        "authorized",
        "cross join lateral (select max(s.through) as through,"
        " (array_agg(s.ask_by order by s.through desc nulls last))[1] as ask_by,"
        " (array_agg(s.authorization_number order by s.through desc nulls last))[1] as number,"
        " (array_agg(s.state order by s.since desc nulls last))[1] as state,"
        " bool_or(s.state in ('requested', 'pended')) as waits,"
        " min(s.since) filter (where s.state = 'pended') as pended_since,"
        " min(s.since) filter (where s.state in ('requested', 'pended')) as waits_since,"
        " bool_or(s.contradiction <> '') as unclear"
        " from payer_standing s where s.encounter_id = e.id and s.ended_at is null and s.state <> 'struck_out') au",
    ),
)

_ENDS_WORDS = (
    f"case when not {_HERE} or {_WAITS} then null"
    f" when {_ENDED} then 'red shield auth ended ' || ({_TODAY} - au.through) || ' d'"
    f" when {_ENDS_TODAY} and not coalesce({_LEAVES} <= {_UNTIL}, false) then 'amber shield auth ends today' end"
)
CHIPS = (
    Chip("authorization-ends", _ENDS_WORDS, 11, joins=("authorized", "plan_date")),
    Chip(
        "authorization-unclear",
        f"case when {_UNCLEAR} then 'amber ask payer answer unclear' end",
        13,
        joins=("authorized",),
    ),
    Chip(
        "authorization-exceeded",
        f"case when {_HERE} and {_EXCEEDED} and not {_ENDED} then 'amber shield EDD past auth' end",
        18,
        joins=("authorized", "plan_date"),
    ),
    Chip(
        "authorization-pended",
        "case when au.pended_since is not null then"
        f" case when {_DAYS_PENDED} > 0 then 'amber' else 'gray' end || ' hour pended ' || {_DAYS_PENDED} || ' d' end",
        22,
        joins=("authorized",),
    ),
)

_STATES = {
    "requested": "Requested", "pended": "Pended", "approved": "Approved", "partially": "Partly approved",
    "denied": "Denied", "not_required": "Not required", "cancelled": "Cancelled",
}  # fmt: skip
_STATE_WORDS = " ".join(f"when '{state}' then '{words}'" for state, words in _STATES.items())

AUTHORIZATION = Column(
    "authorization",
    "Authorization",
    "edd",
    "payers/cells/_authorization.html",
    place=85,
    sort="authorization",
    joins=("authorized",),
    lists=("authorizations",),
    fields=(
        Field("auth_state", f"coalesce(case au.state {_STATE_WORDS} end, 'Not asked')"),
        Field("auth_through", f"case when au.through is null then '' else 'through ' || {_day('au.through')} end"),
        Field(
            "auth_ask",
            f"case when au.ask_by is null or {_WAITS} then '' when {_ASK_DAY} = {_TODAY} then"
            f" 'ask by ' || to_char({local('au.ask_by')}, 'HH24:MI')"
            f" else 'ask by ' || to_char({local('au.ask_by')}, 'Dy HH24:MI') end",
        ),
        Field("auth_late", f"{_ENDED} and not {_WAITS}", bool),
    ),
    export=(
        Export("auth_state", "Authorization"),
        Export("authorized_through", "Authorized through", "au.through", "day"),
        Export("ask_by", "Ask further days by", "au.ask_by", "instant"),
        Export("waits_since", "Waiting since", "au.waits_since", "instant"),
    ),
    paper=("auth_state", "auth_through", "auth_ask"),
)
# Beside the payer in every list; the cell of the payer shows it where somebody lends it.
THROUGH = Column(
    "authorized",
    "Authorized",
    "pay",
    "",
    place=81,
    joins=("authorized",),
    fields=(
        Field(
            "authorized",
            f"case when au.through is not null then 'auth to ' || to_char(au.through, 'FMDD Mon')"
            f" when {_WAITS} then 'auth asked' when au.state = 'denied' then 'auth denied' else '' end",
        ),
    ),
    export=(Export("authorized", "Authorized"),),
    paper=("authorized",),
)

FILTERS = (
    Filter(
        "authorization",
        "Authorization",
        joins=("authorized", "plan_date"),
        lists=("authorizations",),
        choices=(
            Choice("waiting", "Answer awaited", _WAITS),
            Choice("pended", "Pended", "au.pended_since is not null"),
            Choice("ends-today", "Ends today", _ENDS_TODAY),
            Choice("ended", "Ended", _ENDED),
            Choice(
                "before-the-weekend",
                "Ask before the weekend",
                f"{_HERE} and not {_WAITS} and coalesce({_ASK_DAY} <= {_WEEKEND}, false)",
            ),
            Choice("exceeded", "Expected date is later", _EXCEEDED),
            Choice("denied", "Denied or fewer days", "coalesce(au.state in ('denied', 'partially'), false)"),
            Choice("unclear", "Needs a person", _UNCLEAR),
            Choice("none", "Never asked", "au.state is null"),
        ),
    ),
)
SORTS = (
    SortKey(
        "authorization", "Authorization, next to ask", "coalesce(au.ask_by, au.waits_since)", joins=("authorized",)
    ),
)
LISTS = (
    WorkList(
        "authorizations",
        "Authorizations",
        f"({_HERE} or {_WAITING})"
        f" and (({_HERE} and ({_WAITS} or {_UNCLEAR} or au.through <= {_TODAY} + 1 or {_EXCEEDED}"
        f" or coalesce({_ASK_DAY} <= {_WEEKEND}, false))) or (e.status = 'discharged' and {_WAITS}))",
        ("authorization", "next"),
        "No payer is asked, and no authorization is at its end.",
        joins=("authorized", "plan_date"),
        fills="A stay comes here while a payer's answer is awaited, and when its authorized days are about to end.",
        elsewhere=("inpatient",),
        appears="with content",
    ),
)
LENDS = Lends(
    joins=JOINS,
    columns=(AUTHORIZATION, THROUGH),
    chips=CHIPS,
    filters=FILTERS,
    sorts=SORTS,
    actions=(
        RowAction(
            "contact",
            "Payer contact",
            "/encounters/{id}/payer-contacts/new",
            Permission.AUTHORIZATION_WRITE,
            key="c",
            place=34,
            in_place=True,
        ),
        RowAction("payer", "Authorization", "/encounters/{id}/payer", Permission.STAY_SEE, place=36, reads=True),
    ),
    lists=LISTS,
)
