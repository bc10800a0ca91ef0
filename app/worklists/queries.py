"""What the pages of the worklists show, each by one SELECT made of what the features lend.

Row policies decide which stays exist for the reader; nothing here filters for security.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.refusal import NotFound
from app.platform.reads.together import Question, together
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.lists import Beside, Filter, day_text, moment_text
from app.worklists.registry import Built, Registry, heaviest
from app.worklists.view import Sort, View, days_of
from app.worklists.views.shelf import Shelf, shelf_questions

MOST_CHOICES = 80
MOST_CHANGES = 200
OVERLAP = 8
_MARK = "select coalesce(max(id), 0) from audit_event"


class Left(msgspec.Struct):
    """A stay that was on the list when the page was drawn, and why it is not any more."""

    id: str
    why: str


class RestrictedStay(msgspec.Struct):
    """A stay that the viewer may only know as a taken bed."""

    id: str
    place: str
    class_text: str
    lists: list[str]
    shown: bool


class Offered(msgspec.Struct):
    """One value that a filter can take in this list, and how many stays have it."""

    filter: str
    value: str
    label: str
    stays: int


class ListCount(msgspec.Struct):
    """How many stays a list has, for its tab."""

    name: str
    stays: int


@dataclass(frozen=True)
class Ask:
    """A list under a view, for one reader at one instant."""

    registry: Registry
    built: Built
    view: View
    db: Reading
    viewer: Viewer

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """The keys that order the rows: those of the address, else the list's own."""
        return self.view.sorts or tuple(Sort(key) for key in self.built.spec.order)

    def values(self) -> dict[str, Any]:
        """What the SQL of the features may use."""
        place = self.viewer.place
        if place is None:
            raise NotFound("You work in no facility yet. Ask an administrator for a role.")
        today = self.db.now.astimezone(ZoneInfo(place.timezone)).date()
        given: dict[str, Any] = {}
        for one in self.filtered():
            values = self.view.filters[one.name]
            given[f"f_{one.name}"] = list(values)
            for which, window in enumerate(_windows(one, values)):
                given[f"d_{one.name}_{which}_from"], given[f"d_{one.name}_{which}_to"] = window
        return given | {
            "now": self.db.now,
            "today": today,
            "today_number": today.year * 10000 + today.month * 100 + today.day,
            "zone": place.timezone,
            "me": self.viewer.user_id,
            "facility": place.id,
            "set": list(self.view.filters),
            "lead": place.id in self.viewer.facilities_with(Permission.STAY_ASSIGN),
        }

    @property
    def past(self) -> bool:
        """Whether the list is shown as of an earlier instant: then it is for reading only."""
        return bool(self.view.as_of)

    def filtered(self) -> list[Filter]:
        """The filters that are set, in the order in which they were lent."""
        return [one for name, one in self.registry.filters.items() if name in self.view.filters]


def condition(one: Filter, values: Sequence[str]) -> str:
    """The SQL of one filter under its chosen values: any of them will do."""
    parts = [f"({choice.condition})" for choice in one.choices if choice.value in values]
    for which, _ in enumerate(_windows(one, values)):
        first, last = (f"coalesce(%(d_{one.name}_{which}_{end})s::date, '{open_end}')"
                       for end, open_end in (("from", "-infinity"), ("to", "infinity")))  # fmt: skip
        parts.append(f"coalesce({one.day} between {first} and {last}, false)")
    fixed = {choice.value for choice in one.choices}
    if one.value and any(value not in fixed for value in values):
        parts.append(f"{one.value} = any(%(f_{one.name})s::text[])")
    return "(" + " or ".join(parts or ["false"]) + ")"


def _windows(one: Filter, values: Sequence[str]) -> list[tuple[date | None, date | None]]:
    """The windows of days among the values of a filter."""
    return [window for value in values if (window := days_of(value))] if one.day else []


@dataclass(frozen=True)
class Answers:
    """What a list page shows. `counts` is by list, `choices` by filter; `mark` says how far the trail of events had
    come, so that the page later asks for what came after."""

    rows: list[Any]
    restricted: list[RestrictedStay]
    counts: dict[str, int]
    choices: dict[str, list[Offered]]
    mark: int
    shelf: Shelf


def everything(ask: Ask, wanted: Collection[str], *, all_lists: bool = True) -> Answers:
    """All that a list page shows, with the choices of the wanted filters; the other lists counted or not."""
    # The mark comes first: what happens between it and the rows is asked for once more, not missed.
    values = ask.values()
    questions = [
        Question(int, _MARK),
        rows_question(ask),
        _restricted(ask),
        _counts(ask, None if all_lists else ask.built),
    ]
    questions += shelf_questions(ask.viewer.user_id, values["facility"], ask.view.list)
    open_ones = [one for one in ask.registry.filters.values() if one.value and one.name in wanted]
    if open_ones:
        questions.append(_choices(ask, open_ones))
    mark, found, hidden, counted, views, chosen, *offered = together(ask.db, questions)
    counts = {one.name: one.stays for one in counted}
    _complete(ask, found)
    return Answers(found, hidden, counts, _by_filter(open_ones, *offered), mark[0], Shelf(views, chosen))


def rows(ask: Ask, only: Sequence[uuid.UUID] | None = None) -> list[Any]:
    """The rows of the view, ready to show; with `only`, just those of them that it names."""
    found = together(ask.db, [rows_question(ask, only)])[0]
    _complete(ask, found)
    return found


def _complete(ask: Ask, found: Sequence[Any]) -> None:
    """Give each row what its list reckons beside the SELECT, and choose its chips among all of them."""
    source = ask.built.spec.beside
    if source is None or not found:
        return
    told = source(ask.db, [uuid.UUID(row.id) for row in found])
    for row in found:
        one = told.get(uuid.UUID(row.id), Beside())
        row.beside = dict(one.values)
        row.chips = heaviest([*row.chips, *one.chips])


def rows_question(ask: Ask, only: Sequence[uuid.UUID] | None = None) -> Question:
    """The SELECT of the rows."""
    registry, built = ask.registry, ask.built
    keys = [(registry.sorts[sort.key], sort) for sort in ask.sorts]
    filters = ask.filtered()
    choosing = {*built.spec.joins, *(j for one in filters for j in one.joins)}
    used = {*built.joins, *(j for key, _ in keys for j in key.joins)}
    wanted = ["e.facility_id = %(facility)s", f"({built.spec.condition})"]
    wanted += [condition(one, ask.view.filters[one.name]) for one in filters]
    if only is not None:
        wanted.append("e.id = any(%(only)s::uuid[])")
    marks = ", ".join(f"({key.sql})::text" for key, _ in keys)
    query = (
        f'select {built.fields}, hashtext(concat_ws(chr(31), {marks})) as "order"'
        f" {registry.source(used, first=choosing)} where {' and '.join(wanted)} order by "
        + ", ".join([*(f"{key.sql}{' desc' if sort.down else ''} nulls last" for key, sort in keys), "e.id"])
    )
    return Question(built.row, query, ask.values() | {"only": list(only or ())})


def counts(ask: Ask) -> dict[str, int]:
    """How many stays each list has."""
    return {one.name: one.stays for one in together(ask.db, [_counts(ask)])[0]}


def _counts(ask: Ask, only: Built | None = None) -> Question:
    """How many stays each list has, or one of them, by the same conditions as the lists themselves.

    Each list is counted by itself: its own condition finds its stays by an index, and only its own joins are made.
    """
    each = " union all ".join(
        f"select '{built.name}', count(*)::int {ask.registry.source(built.spec.joins, patient=False)}"
        f" where e.facility_id = %(facility)s and ({built.spec.condition})"
        if built.spec.permission is None or ask.viewer.may(built.spec.permission)
        else f"select '{built.name}', 0"
        for built in ([only] if only else ask.registry.lists.values())
    )
    return Question(ListCount, each, ask.values())


def _restricted(ask: Ask) -> Question:
    """Stays of the facility that the reader may not see; `shown` for those that this view would list."""
    lists = [built for built in ask.registry.lists.values() if built.spec.restricted]
    belongs = ", ".join(f"case when {built.spec.restricted} then '{built.name}' end" for built in lists)
    parts = [ask.built.spec.restricted or "false"]
    for one in ask.filtered():
        parts.append(f"{one.restricted} = any(%(f_{one.name})s::text[])" if one.restricted else "false")
    query = (
        "select r.id::text, concat_ws(' ', nullif(r.unit, ''), nullif(concat_ws('-', nullif(r.room, ''),"
        " nullif(r.bed, '')), '')), case r.patient_class when 'IP' then 'Inpatient' when 'OBS' then 'Observation'"
        f" else r.patient_class end, array_remove(array[{belongs}]::text[], null), {' and '.join(parts)}"
        " from restricted_stays() r where r.facility_id = %(facility)s order by r.unit, r.room, r.bed, r.id"
    )
    return Question(RestrictedStay, query, ask.values())


def _choices(ask: Ask, open_ones: Sequence[Filter]) -> Question:
    """What these filters can be set to in this list, most frequent first, with how many stays of the list have it."""
    used = {join for one in open_ones for join in one.joins}
    columns = ", ".join(f"{one.value} as v{i}, {one.words} as w{i}" for i, one in enumerate(open_ones))
    sets = ", ".join(f"(v{i})" for i in range(len(open_ones)))
    which = " ".join(f"when grouping(v{i}) = 0 then '{one.name}'" for i, one in enumerate(open_ones))
    value = ", ".join(f"v{i}" for i in range(len(open_ones)))
    # Where the words are the value itself there is nothing to compare.
    pick = [f"v{i}" if one.words == one.value else f"min(w{i})" for i, one in enumerate(open_ones)]
    words = " ".join(f"when grouping(v{i}) = 0 then {text}" for i, text in enumerate(pick))
    source = ask.registry.source(used, first=ask.built.spec.joins, patient=False)
    query = (
        f"select case {which} end, coalesce({value}, ''), coalesce(case {words} end, ''), count(*)::int from"
        f" (select {columns} {source} where e.facility_id = %(facility)s"
        f" and ({ask.built.spec.condition})) found group by grouping sets ({sets}) order by 4 desc, 3, 2"
    )
    return Question(Offered, query, ask.values())


def _by_filter(open_ones: Sequence[Filter], offers: Sequence[Offered] = ()) -> dict[str, list[Offered]]:
    found: dict[str, list[Offered]] = {one.name: [] for one in open_ones}
    for offered in offers:
        if offered.value and len(found[offered.filter]) < MOST_CHOICES:
            found[offered.filter].append(offered)
    return found


def alone(ask: Ask) -> list[tuple[str, int, int]]:
    """For an empty answer: what each filter finds by itself, and what the others find without it."""
    filters = ask.filtered()
    if not filters:
        return []
    tests = [condition(one, ask.view.filters[one.name]) for one in filters]
    used = {*ask.built.spec.joins, *(join for one in filters for join in one.joins)}
    numbers = []
    for index, test in enumerate(tests):
        others = " and ".join(tests[:index] + tests[index + 1 :]) or "true"
        numbers += [f"count(*) filter (where {test})", f"count(*) filter (where {others})"]
    query = (
        f"select unnest(array[{', '.join(numbers)}])::int {ask.registry.source(used)}"
        f" where e.facility_id = %(facility)s and ({ask.built.spec.condition})"
    )
    found = ask.db.values(query, ask.values())
    return [(one.name, found[2 * i], found[2 * i + 1]) for i, one in enumerate(filters)]


def left(ask: Ask, gone: Sequence[uuid.UUID]) -> list[Left]:
    """Why these stays are not on the list any more, as far as the reader may know."""
    if not gone:
        return []
    query = (
        "select e.id::text, case e.status when 'discharged' then 'discharged ' ||"
        f" coalesce(case when e.discharge_precise then {moment_text('e.discharge_at')}"
        f" else {day_text('e.discharge_at')} end, '')"
        " when 'cancelled' then 'the stay was cancelled' else"
        " case when z.id is not null and %(aside)s then 'put aside' else 'not on this list any more' end end"
        f" {ask.registry.source(('aside',), patient=False)}"
        " where e.id = any(%(gone)s::uuid[]) and e.facility_id = %(facility)s"
    )
    known = ask.db.rows(Left, query, ask.values() | {"gone": list(gone), "aside": "aside" in ask.built.spec.joins})
    named = {one.id for one in known}
    return known + [Left(str(stay), "not on this list any more") for stay in gone if str(stay) not in named]


def changed_since(db: Reading, mark: int) -> tuple[int, list[str]]:
    """How far the trail of events has come, and the stays with events after that mark, latest first. A few from before
    it are named too: numbers are given at the start of a transaction and seen at its end."""
    reached: int = db.value(_MARK)
    query = (
        "select encounter_id::text from audit_event where id > %s and encounter_id is not null"
        " group by encounter_id order by max(id) desc limit %s"
    )
    return reached, db.values(query, (mark - OVERLAP, MOST_CHANGES))
