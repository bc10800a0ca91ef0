"""What the plan lends to the worklists: expected date with destination, barriers, readiness, and who is about to leave.

The plan's date stands in the place of the feed's. Records of a number that is part of a stay now count for the stay.
"""

from app.discharge.terms import DESTINATIONS, BarrierKind
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
)

_NOW, _TODAY = "%(now)s::timestamptz", "%(today)s::date"
_HERE = "e.status in ('admitted', 'on_leave')"
_BEDDED = "e.patient_class in ('IP', 'OBS')"
_LATEST = "order by d.made_at desc, d.id desc limit 1"


def _of_stay(table: str, alias: str) -> str:
    """What stands in a table for a stay and its parts, looked up by the index of the stay."""
    return f"{table} {alias} where {alias}.encounter_id = any(sp.ids) and {alias}.ended_at is null"


def _statement(kinds: str, begins: str) -> str:
    """Since when the last statement of a lane holds, where it is one that begins."""
    of_lane = f"filter (where r.kind in ({kinds}))"
    order = "order by r.at desc, r.made_at desc"
    return (
        f"case when (array_agg(r.kind {order}) {of_lane})[1] = '{begins}'"
        f" then (array_agg(r.at {order}) {of_lane})[1] end"
    )


_READY = _statement("'ready', 'not_ready'", "ready")
_ORDERED = _statement("'ordered', 'withdrawn'", "ordered")
JOINS = (
    Join(
        "plan_date",
        "left join lateral (select d.expected_on, d.confidence, d.made_at"
        f" from {_of_stay('expected_date', 'd')} {_LATEST}) px"
        " on true"
        f" cross join lateral (select {local('e.expected_discharge_at')}::date as fed) pf"
        " cross join lateral (select coalesce(px.expected_on, pf.fed) as day) pd",
        needs=("parts",),
    ),
    Join(
        "plan_going",
        f"left join lateral (select d.going_to, d.backup from {_of_stay('plan_disposition', 'd')} {_LATEST}) pg"
        " on true",
        needs=("parts",),
    ),
    Join(
        "plan_barriers",
        "left join lateral (select count(*) as n, min(b.began_at) as oldest, array_agg(b.kind order by b.began_at)"
        f" as kinds, bool_or(b.due_at < {_NOW}) as late from {_of_stay('plan_barrier', 'b')}"
        " and b.state in ('open', 'waiting')) pb on true",
        needs=("parts",),
    ),
    Join(
        "plan_ready",
        f"left join lateral (select {_READY} as ready_at, {_ORDERED} as ordered_at"
        f" from {_of_stay('readiness', 'r')}) pr on true",
        needs=("parts",),
    ),
)


def _day(day: str) -> str:
    """`Today`, `Tomorrow`, `Thu 5 Mar`; another year adds itself."""
    return (
        f"case when {day} is null then '' when {day} = {_TODAY} then 'Today' when {day} = {_TODAY} + 1 then 'Tomorrow'"
        f" when extract(year from {day}) = extract(year from {_TODAY}) then to_char({day}, 'Dy FMDD Mon')"
        f" else to_char({day}, 'Dy FMDD Mon YYYY') end"
    )


def _age(since: str) -> str:
    """Whole hours up to two days, then days."""
    hours = f"(extract(epoch from {_NOW} - {since})::bigint / 3600)"
    return f"case when {hours} < 48 then {hours} || ' h' else ({hours} / 24) || ' d' end"


_PLACES = " ".join(f"when '{one.value}' then '{one.label}'" for one in DESTINATIONS)
_SHORT = " ".join(f"when '{one.value}' then '{one.short}'" for one in DESTINATIONS)
_GOING = f"coalesce(case pg.going_to {_PLACES} end, '')"
_KIND_WORDS = " ".join(f"when '{one.value}' then '{one.label.lower()}'" for one in BarrierKind)
_STILL = (
    "concat_ws(', ', case when pr.ready_at is null then 'not ready' end,"
    " case when pr.ordered_at is null and e.pending_kind <> 'discharge' then 'no order' end,"
    " case when pg.going_to is null then 'no destination' end,"
    f" (select string_agg(case k.kind {_KIND_WORDS} end, ', ' order by k.place)"
    " from unnest(pb.kinds) with ordinality k(kind, place)))"
)

EXPECTED = Column(
    "expected",
    "EDD",
    "edd",
    "discharge/cells/_expected.html",
    place=70,
    sort="expected",
    joins=("plan_date", "plan_going"),
    fields=(
        Field("expected", _day("pd.day")),
        Field("expected_late", f"coalesce(pd.day < {_TODAY} and {_HERE}, false)", bool),
        Field("going", f"coalesce(case pg.going_to {_SHORT} end, '')"),
        Field(
            "expected_by",
            "case when px.expected_on is null and pf.fed is not null then 'as the feed says' else '' end",
        ),
        Field(
            "fed",
            f"case when px.expected_on is not null and pf.fed <> px.expected_on then 'feed: ' || {_day('pf.fed')}"
            " else '' end",
        ),
    ),
    export=(
        Export("expected_on", "Expected (EDD)", "pd.day", "day"),
        Export("going_to", "Going to", _GOING),
        Export("backup", "Second choice", f"coalesce(case pg.backup {_PLACES} end, '')"),
    ),
    paper=("expected", "going"),
)  # fmt: skip
STILL_OPEN = Column(
    "still",
    "Still open",
    "also",
    "discharge/cells/_still.html",
    place=63,
    joins=("plan_ready", "plan_going", "plan_barriers"),
    lists=("discharges",),
    fields=(
        Field("still", _STILL),
        Field(
            "three_times",
            "concat_ws(' · ', case when pr.ready_at is not null then"
            f" 'ready ' || to_char({local('pr.ready_at')}, 'Dy HH24:MI') end,"
            " case when pr.ordered_at is not null then"
            f" 'order ' || to_char({local('pr.ordered_at')}, 'Dy HH24:MI') end)",
        ),
    ),
    export=(
        Export("still", "Still open"),
        Export("ready_at", "Medically ready", "pr.ready_at", "instant"),
        Export("ordered_at", "Discharge order", "pr.ordered_at", "instant"),
    ),
    paper=("still", "three_times"),
)

CHIPS = (
    Chip(
        "ready",
        f"case when pr.ready_at is not null and {_HERE} then case when pr.ready_at < {_NOW} - interval '24 hours'"
        f" then 'amber' else 'green' end || ' home ready ' || {_age('pr.ready_at')} end",
        13,
        joins=("plan_ready",),
    ),
    Chip(
        "ordered",
        f"case when pr.ordered_at is not null and e.pending_kind <> 'discharge' and {_HERE}"
        " then 'blue doc order written' end",
        14,
        joins=("plan_ready",),
    ),
    Chip(
        "barriers",
        f"case when pb.n > 0 and {_HERE} then case when pb.late then 'red' else 'amber' end || ' flag ' || pb.n"
        f" || case when pb.n = 1 then ' barrier ' else ' barriers ' end || {_age('pb.oldest')} end",
        15,
        joins=("plan_barriers",),
    ),
    Chip(
        "passed",
        f"case when pd.day < {_TODAY} and {_HERE} then 'red alert EDD passed' end",
        16,
        joins=("plan_date",),
    ),
)  # fmt: skip

FILTERS = (
    Filter(
        "edd",
        "Expected (EDD)",
        joins=("plan_date",),
        choices=(
            Choice("today", "Today", f"coalesce(pd.day = {_TODAY}, false)"),
            Choice("tomorrow", "Tomorrow", f"coalesce(pd.day = {_TODAY} + 1, false)"),
            Choice("three-days", "In the next 3 days", f"coalesce(pd.day between {_TODAY} and {_TODAY} + 3, false)"),
            Choice("past", "Past", f"coalesce(pd.day < {_TODAY}, false)"),
            Choice("none", "No date", "pd.day is null"),
        ),
        day="pd.day",
    ),
    Filter(
        "going",
        "Going to",
        joins=("plan_going",),
        choices=(
            *(Choice(one.value, one.label, f"coalesce(pg.going_to = '{one.value}', false)") for one in DESTINATIONS),
            Choice("none", "Not set", "pg.going_to is null"),
        ),
    ),
    Filter(
        "barrier",
        "Barrier",
        joins=("plan_barriers",),
        choices=(
            Choice("any", "Any", "coalesce(pb.n > 0, false)"),
            Choice("overdue", "Overdue", "coalesce(pb.late, false)"),
            *(Choice(one.value, one.label, f"coalesce('{one.value}' = any(pb.kinds), false)") for one in BarrierKind),
        ),
    ),
    Filter(
        "ready",
        "Readiness",
        joins=("plan_ready",),
        choices=(
            Choice("ready", "Medically ready", "pr.ready_at is not null"),
            Choice("day", "Ready for 24 hours", f"coalesce(pr.ready_at < {_NOW} - interval '24 hours', false)"),
            Choice("ordered", "Order written", "pr.ordered_at is not null"),
            Choice("no-order", "Ready without an order", "pr.ready_at is not null and pr.ordered_at is null"),
        ),
    ),
)

LISTS = (
    WorkList(
        "discharges",
        "Leaving",
        f"{_HERE} and {_BEDDED} and (coalesce(pd.day <= {_TODAY} + 1, false) or pr.ready_at is not null"
        " or pr.ordered_at is not null or e.pending_kind = 'discharge')",
        ("expected", "unit"),
        "Nobody is about to leave.",
        joins=("plan_date", "plan_ready"),
        fills="Stays come here when they are expected to leave by tomorrow, are medically ready, or have an order.",
        elsewhere=("inpatient", "observation"),
    ),
)

LENDS = Lends(
    joins=JOINS,
    columns=(EXPECTED, STILL_OPEN),
    chips=CHIPS,
    filters=FILTERS,
    sorts=(
        SortKey("expected", "Expected date", "pd.day", joins=("plan_date",)),
        SortKey("barrier", "Oldest barrier", "pb.oldest", joins=("plan_barriers",)),
        SortKey("ready", "Ready since", "pr.ready_at", joins=("plan_ready",)),
    ),
    actions=(
        RowAction("expected", "Expected date", "/encounters/{id}/expected-date/new", Permission.PLAN_WRITE, key="e",
                  place=30, in_place=True),
        RowAction("barrier", "Barrier", "/encounters/{id}/barriers/new", Permission.PLAN_WRITE, key="b", place=31,
                  in_place=True),
    ),
    lists=LISTS,
)  # fmt: skip
