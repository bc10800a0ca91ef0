"""What the tiles of Control lend to the worklists: one list each, and what a row of a tile says of its stay.

A stay counts once in each list, whatever it owes. Work of payers and others outside the house is left out, as in every
list of work.
"""

from app.clocks.owed.words import family, ours
from app.clocks.registry import RULES
from app.security.permissions import Permission
from app.web.lists import Join, Lends, SortKey, WorkList, named_by

HOUSE, REVIEWS, DEADLINES, LONG, LOST, RISK = (
    "house", "reviews-overdue", "due-in-a-day", "past-expected", "lost-yesterday", "at-risk",
)  # fmt: skip
_NOW, _TODAY = "%(now)s::timestamptz", "%(today)s::date"
_YESTERDAY = f"{_TODAY} - 1"
_HERE = "e.status in ('admitted', 'on_leave')"
_OPEN = "o.ended_at is null and o.required and o.closed_at is null and o.due_at is not null"


def _among(rules: list[str]) -> str:
    return "o.rule in (" + ", ".join(f"'{rule}'" for rule in sorted(rules)) + ")"


REVIEW_FAMILIES = ("UR", "MCD", "CAH")
_OURS = _among([rule.id for rule in RULES.values() if ours(rule)])
_REVIEWS = _among([rule.id for rule in RULES.values() if ours(rule) and family(rule.id) in REVIEW_FAMILIES])
_TALKS = _among(["PY-P2P", "ES-P2P"])
_LATE = f"o.due_at < {_NOW}"
_SOON = f"o.due_at >= {_NOW} and o.due_at < {_NOW} + interval '24 hours'"
_FIRST = "order by o.due_at, o.rule"
_STANDS = "x.ended_at is null"


def _owed(which: str, when: str, alias: str) -> str:
    return (
        "cross join lateral (select count(*)::int as many, min(o.due_at) as at,"
        f" (array_agg(o.title {_FIRST}))[1] as title, array_agg(o.rule {_FIRST}) as rules"
        f" from obligation o where o.encounter_id = e.id and {_OPEN} and {which} and {when}) {alias}"
    )


def _owing(which: str, when: str) -> str:
    return named_by(
        f"select o.encounter_id from obligation o where o.facility_id = %(facility)s and {_OPEN} and {which} and {when}"
    )


JOINS = (
    Join("tile_reviews", _owed(_REVIEWS, _LATE, "tr")),
    Join("tile_deadlines", _owed(_OURS, _SOON, "td")),
    Join("tile_talks", _owed(_TALKS, "true", "tt")),
    Join(
        "tile_lost",
        "left join lateral (select x.code, x.party_kind, x.party, x.amount, false as draft from avoidable_day x"
        f" where x.encounter_id = any(sp.ids) and {_STANDS} and x.weight = 'primary' and x.day = {_YESTERDAY}"
        " union all select x.code, x.party_kind, x.party, 0, true from avoidable_draft x"
        f" where x.encounter_id = any(sp.ids) and {_STANDS} and x.day = {_YESTERDAY} order by 5 limit 1) tl on true",
        needs=("parts",),
    ),
)
_LOST = named_by(
    f"select x.encounter_id from avoidable_day x where x.facility_id = %(facility)s and {_STANDS}"
    f" and x.weight = 'primary' and x.day = {_YESTERDAY} union all select x.encounter_id from avoidable_draft x"
    f" where x.facility_id = %(facility)s and {_STANDS} and x.day = {_YESTERDAY}"
)
_RISK = named_by(
    "select d.encounter_id from denial d where d.facility_id = %(facility)s and d.ended_at is null"
    " and d.state in ('open', 'talk', 'appealed') union all select o.encounter_id from obligation o"
    f" where o.facility_id = %(facility)s and {_OPEN} and {_TALKS}"
)
OWES_REVIEW = f"{_HERE} and {_owing(_REVIEWS, 'true')}"
"""Of a stay in the house: a review of it is open and has a due time, whether that has passed or not."""
STILL_PAST = f"{_HERE} and e.patient_class = 'IP' and e.gmlos > 0 and s.day > e.gmlos"


def _list(
    name: str, words: tuple[str, str], condition: str, order: tuple[str, ...], joins: tuple[str, ...]
) -> WorkList:
    """`words`: its label, and what it says without a stay."""
    label, empty = words
    return WorkList(
        name, label, condition, order, empty, joins=joins, appears="with content", permission=Permission.MEASURE_SEE,
        elsewhere=("inpatient", "observation"),
    )  # fmt: skip


LISTS = (
    _list(HOUSE, ("Whole house", "Nobody is in the house."),
          f"{_HERE} and (e.patient_class in ('IP', 'OBS') or a.id is not null)", ("unit", "next"), ("owner",)),
    _list(REVIEWS, ("Reviews overdue", "No review is overdue."),
          f"{_HERE} and {_owing(_REVIEWS, _LATE)} and tr.many > 0", ("tile-review", "unit"), ("tile_reviews",)),
    _list(DEADLINES, ("Due in 24 h", "Nothing is due in the next 24 hours."),
          f"{_owing(_OURS, _SOON)} and td.many > 0", ("tile-deadline", "unit"), ("tile_deadlines",)),
    _list(LONG, ("Past GMLOS, no plan", "Every stay past its expected length has an expected date ahead."),
          f"{STILL_PAST} and coalesce(pd.day < {_TODAY}, true)", ("over", "unit"), ("days", "plan_date")),
    _list(LOST, ("Lost yesterday", "No day was lost yesterday, neither recorded nor proposed."),
          f"{_LOST} and tl.code is not null", ("unit",), ("tile_lost",)),
    _list(RISK, ("Denials and P2P", "No denial is open and no peer-to-peer talk is due."),
          f"{_RISK} and (dn.many > 0 or tt.many > 0)", ("at-risk", "unit"), ("denied", "denial_due", "tile_talks")),
)  # fmt: skip
SORTS = (
    SortKey("tile-review", "Review overdue since", "tr.at", joins=("tile_reviews",)),
    SortKey("tile-deadline", "Next within 24 h", "td.at", joins=("tile_deadlines",)),
    SortKey("at-risk", "Denial or talk due", "least(dd.at, tt.at)", joins=("denial_due", "tile_talks")),
)
LENDS = Lends(joins=JOINS, sorts=SORTS, lists=LISTS)
