"""What looks unusual: nine rules over what one person did on one day, each with the figures that it counted. Pure.

No rule says that something wrong was done, and none stops anybody: each points the privacy officer to a part of the
trail. Source: 45 CFR 164.308(a)(1)(ii)(D), review of information system activity; 164.312(b), audit controls.

An ordinary day is the person's own: the median of the days before, and as its spread the median absolute deviation
(MAD) times 1.4826, which equals a standard deviation where figures are normally distributed and is not moved by a
single wild day. A spread below one counts as one, so that a person of great regularity is not pointed to for one more.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.accounts.watching.unusual.terms import Found, Opening, Pattern, PersonDay

NORMAL = 1.4826
FEWEST_DAYS = 5
"""Days with any opening that must lie before, so that there is an ordinary to compare with."""
MOST_ROWS = 60
"""Lines of the trail that a finding keeps as its evidence."""
Limits = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that the officer may set: what it means, as shipped, and between which values it makes sense."""

    name: str
    label: str
    shipped: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class WatchedRule:
    """A rule: what it looks for, why that may matter, which honest work looks the same, and its limits."""

    pattern: Pattern
    title: str
    looks: str
    innocent: str
    limits: tuple[Limit, ...]
    find: Callable[[PersonDay, Limits], Iterator[Found]]

    @property
    def shipped(self) -> dict[str, int]:
        """Its limits where nobody set others."""
        return {one.name: one.shipped for one in self.limits}


def look(day: PersonDay, limits: Mapping[Pattern, Limits]) -> list[Found]:
    """Everything that the rules find on a person's day. A rule without limits rests."""
    return [found for rule in RULES if rule.pattern in limits for found in rule.find(day, limits[rule.pattern])]


def ordinary(figures: Sequence[int]) -> tuple[float, float] | None:
    """Median and spread of earlier days; None where there are too few to speak of an ordinary."""
    if len(figures) < FEWEST_DAYS:
        return None
    middle = statistics.median(figures)
    spread = statistics.median(abs(one - middle) for one in figures)
    return middle, max(1.0, spread * NORMAL)


def _about(day: PersonDay, pattern: Pattern, sentence: str, **more: object) -> Found:
    return Found(pattern=pattern, user_id=day.user_id, day=day.day, sentence=sentence, **more)  # type: ignore[arg-type]


def _rows(openings: Sequence[Opening]) -> tuple[int, ...]:
    return tuple(row for one in openings for row in one.rows)[:MOST_ROWS]


def _same_name(day: PersonDay, limits: Limits) -> Iterator[Found]:
    for one in day.openings:
        if one.same_name and not one.related and one.bearers <= limits["bearers"]:
            sentence = (
                f"Opened a stay of a patient who bears the same last name. {_number(one.bearers, 'patient')} of this"
                f" facility {'bears' if one.bearers == 1 else 'bear'} it, and the stay was neither the person's own nor"
                " on a unit of the person."
            )
            yield _about(day, Pattern.SAME_NAME, sentence, encounter_id=one.encounter_id, rows=one.rows)


def _elsewhere(day: PersonDay, limits: Limits) -> Iterator[Found]:
    foreign = [one for one in day.openings if not one.related]
    share = 100 * len(foreign) / len(day.openings) if day.openings else 0
    if day.has_stays and len(foreign) >= limits["stays"] and share >= limits["share"]:
        sentence = (
            f"Opened {_number(len(day.openings), 'stay')}; {len(foreign)} of them ({share:.0f} %) were in the last"
            f" {limits['days']} days neither assigned to the person, nor on the units of the person's stays, nor worked"
            " on by the person."
        )
        yield _about(day, Pattern.ELSEWHERE, sentence, rows=_rows(foreign))


def _many(day: PersonDay, limits: Limits) -> Iterator[Found]:
    usual = ordinary(day.ordinary_hours)
    if not day.hours or usual is None:
        return
    hour = max(day.hours, key=lambda one: (day.hours[one], -one))
    middle, spread = usual
    line = max(float(limits["patients"]), middle + limits["spreads"] * spread)
    if day.hours[hour] > line:
        sentence = (
            f"Opened stays of {day.hours[hour]} different patients between {hour:02}:00 and {hour:02}:59. The busiest"
            f" hour of an ordinary day of this person has {middle:g} (spread {spread:.1f},"
            f" {len(day.ordinary_hours)} days); the line was {line:.0f}."
        )
        yield _about(day, Pattern.MANY, sentence, rows=tuple(day.hour_rows.get(hour, ()))[:MOST_ROWS])


def _night(day: PersonDay, limits: Limits) -> Iterator[Found]:
    at_night = [one for one in day.openings if one.at_night]
    earlier = day.day_openings + day.night_openings
    share = 100 * day.night_openings / earlier if earlier else 0.0
    works_by_day = earlier >= limits["openings"] and share <= limits["share"]
    if works_by_day and len(at_night) >= limits["stays"]:
        sentence = (
            f"Opened {_number(len(at_night), 'stay')} between {limits['from']:02}:00 and {limits['until']:02}:00. Of"
            f" the {earlier} openings of the 28 days before, {share:.0f} % fell into the night."
        )
        yield _about(day, Pattern.NIGHT, sentence, rows=_rows(at_night))


def _long_after(day: PersonDay, limits: Limits) -> Iterator[Found]:
    for one in day.openings:
        away = one.away_days
        if away is not None and away > limits["days"] and not (one.assigned or one.worked):
            sentence = (
                f"Opened a stay that ended {away} days before. In the last {limits['work']} days the person recorded"
                " nothing about it, and it was not assigned to the person."
            )
            yield _about(day, Pattern.LONG_AFTER, sentence, encounter_id=one.encounter_id, rows=one.rows)


def _glass_often(day: PersonDay, limits: Limits) -> Iterator[Found]:
    if len(day.glass) >= limits["times"]:
        sentence = (
            f"Opened restricted stays with a reason {len(day.glass)} times within {limits['days']} days. Each opening"
            " waits on the list of broken glass with its reason."
        )
        yield _about(day, Pattern.GLASS_OFTEN, sentence)


def _taken_out(day: PersonDay, limits: Limits) -> Iterator[Found]:
    usual = statistics.median(day.ordinary_out) if day.ordinary_out else 0
    line = max(limits["patients"], limits["times"] * usual)
    if day.taken_out > line:
        sentence = (
            f"Took out {_number(day.taken_out, 'patient')} in files and prints. On the days before on which this person"
            f" took anything out, the median was {usual:g} ({_number(len(day.ordinary_out), 'day')}); the line was"
            f" {line:.0f}."
        )
        yield _about(day, Pattern.TAKEN_OUT, sentence, rows=day.out_rows[:MOST_ROWS])


def _searches(day: PersonDay, limits: Limits) -> Iterator[Found]:
    share = 100 * day.opened_after / day.searches if day.searches else 0
    if day.searches >= limits["searches"] and share < limits["share"]:
        sentence = (
            f"Searched for patients {day.searches} times. After {day.opened_after} of these searches ({share:.0f} %) a"
            " stay that was found was opened on that day."
        )
        yield _about(day, Pattern.SEARCHES, sentence, rows=day.search_rows[:MOST_ROWS])


def _after_change(day: PersonDay, limits: Limits) -> Iterator[Found]:
    away = day.role_taken_days
    foreign = [one for one in day.openings if not (one.assigned or one.worked)]
    if away is not None and away <= limits["days"] and len(foreign) >= limits["stays"]:
        ago = "on this day" if away == 0 else f"{_number(away, 'day')} before"
        sentence = (
            f"A role was taken from the person {ago}. On this day {_number(len(foreign), 'stay')} were opened that were"
            " neither assigned to the person nor worked on."
        )
        yield _about(day, Pattern.AFTER_CHANGE, sentence, rows=_rows(foreign))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


_STAYS = Limit("stays", "Stays at least", 10, 1, 500)
_BEFORE = Limit("days", "Days looked back", 14, 1, 28)
RULES: tuple[WatchedRule, ...] = (
    WatchedRule(
        Pattern.SAME_NAME,
        "Patient of the same last name",
        "Somebody opens the stay of a patient with the own last name, which may be a relative.",
        "A common name. Raise the number of patients who may bear it, or lower it to hear of rare names only.",
        (Limit("bearers", "Names that at most so many patients bear", 3, 1, 1000),),
        _same_name,
    ),
    WatchedRule(
        Pattern.ELSEWHERE,
        "Mostly stays of others",
        "Somebody with stays of their own opens mostly stays with which their work has nothing to do.",
        "A day of covering for a colleague that nobody entered as an absence.",
        (_STAYS, Limit("share", "Share of the stays opened, %", 60, 1, 100), _BEFORE),
        _elsewhere,
    ),
    WatchedRule(
        Pattern.MANY,
        "Far more patients in an hour than usual",
        "The busiest hour of a day lies far above the busiest hours of the person's own earlier days.",
        "A census day, a new unit, preparing a conference.",
        (Limit("patients", "Patients in an hour at least", 25, 1, 1000), Limit("spreads", "Spreads above", 5, 1, 50)),
        _many,
    ),
    WatchedRule(
        Pattern.NIGHT,
        "At night, by somebody who works by day",
        "Stays are opened in hours in which this person does not usually work.",
        "A night on call, work from another time zone.",
        (
            Limit("from", "Night begins at, hour", 22, 18, 23),
            Limit("until", "Night ends at, hour", 5, 0, 8),
            Limit("stays", "Stays at least", 3, 1, 500),
            Limit("share", "Usual share of the night up to, %", 5, 0, 100),
            Limit("openings", "Openings of the 28 days before, at least", 20, 1, 10_000),
        ),
        _night,
    ),
    WatchedRule(
        Pattern.LONG_AFTER,
        "Opened again long after discharge",
        "A stay that ended long ago is opened by somebody who has no work with it.",
        "A late question of a payer, a study of readmissions.",
        (Limit("days", "Days since discharge, more than", 60, 1, 3650), Limit("work", "Days looked back", 14, 1, 28)),
        _long_after,
    ),
    WatchedRule(
        Pattern.GLASS_OFTEN,
        "Restricted stays opened again and again",
        "Breaking the glass is for the exception; often is a habit, or a role that is too narrow.",
        "A unit with many protected patients: give the person the stays instead.",
        (Limit("times", "Times at least", 4, 1, 500), Limit("days", "Within days", 7, 1, 28)),
        _glass_often,
    ),
    WatchedRule(
        Pattern.TAKEN_OUT,
        "Far more taken out than usual",
        "Files and prints of one day hold many more patients than those of earlier days.",
        "A monthly list, a printed list for downtime.",
        (Limit("patients", "Patients at least", 200, 1, 100_000), Limit("times", "Times the usual", 3, 1, 100)),
        _taken_out,
    ),
    WatchedRule(
        Pattern.SEARCHES,
        "Many searches, nothing opened",
        "Looking up names tells who is in the house, without opening anything.",
        "Answering the telephone, looking for a patient whose name was misheard.",
        (
            Limit("searches", "Searches at least", 25, 1, 10_000),
            Limit("share", "Followed by an opening, below %", 20, 1, 100),
        ),
        _searches,
    ),
    WatchedRule(
        Pattern.AFTER_CHANGE,
        "Stays opened after a role was taken away",
        "Around a change of work or a notice, people look at what they will not see any more.",
        "Somebody who changed units and settles what is left.",
        (Limit("days", "Days since the change, up to", 14, 0, 28), Limit("stays", "Stays at least", 10, 1, 500)),
        _after_change,
    ),
)
BY_PATTERN: dict[Pattern, WatchedRule] = {rule.pattern: rule for rule in RULES}
