"""What answers to a criteria set come to (utilization rules 9.1 to 9.3)."""

import string
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.reviews.criteria.terms import (
    Answers,
    CriteriaSet,
    Evaluation,
    Group,
    Measure,
    Missing,
    Override,
    Point,
    Screen,
    Suggested,
)

LETTERS = string.ascii_lowercase + "0123456789"
MOST_POINTS = len(LETTERS)
_LARGEST = Decimal(10_000)


def evaluate(held: CriteriaSet, answers: Answers) -> Evaluation:
    """Which points are met, which are not and why, and whether the set qualifies.

    A value or an instant that is given decides its point; otherwise the reviewer's tick does.
    """
    met: dict[str, Point] = {}
    missing: list[Missing] = []
    for point in held.points:
        shown, why = _shown(held, point, answers)
        if shown:
            met[point.code] = point
        elif why is not None:
            missing.append(why)
    contradicted = tuple(one for one in missing if one.code in answers.ticked)
    alone = _without_companion(held, met)
    for point, sentence in alone:
        del met[point.code]
        missing.append(Missing(point.code, sentence))
    order = {point.code: place for place, point in enumerate(held.points)}
    needs = tuple(sentence for _, sentence in alone) + _lacking(held, met)
    qualifies = len(met) >= held.at_least and not _lacking(held, met)
    return Evaluation(
        met=tuple(met),
        missing=tuple(sorted(missing, key=lambda one: order[one.code])),
        qualifies=qualifies,
        needs=needs,
        contradicted=contradicted,
    )


def refuse_contradictions(evaluation: Evaluation) -> None:
    """Refused where a point is ticked against a figure of the same review; the sentence names what to correct."""
    for one in evaluation.contradicted:
        raise Refused(f"{one.sentence} Correct the figure or take the mark away.", field=one.name or one.code)


def outcome(evaluation: Evaluation, override: Override | None = None) -> Suggested:
    """What the review says: the criteria, or the reviewer against them in either direction.

    Refused when an override has no reason. An override to what the criteria say anyway changes nothing.
    """
    screen = Screen.MET if evaluation.qualifies else Screen.NOT_MET
    if override is None or override.to == screen:
        return Suggested(screen, overridden=False)
    reason = override.reason.strip()
    if not reason:
        raise Refused("Say why the review differs from the criteria.", field="override_reason")
    return Suggested(override.to, overridden=True, reason=reason)


def letters(held: CriteriaSet) -> dict[str, str]:
    """The key of each point on the review page, by its code: a to z in the order of the set, then digits from 0."""
    return {point.code: key for point, key in zip(held.points, LETTERS, strict=False)}


def bounds_text(measure: Measure) -> str:
    """When the quantity shows its point: `below 50 or above 140/min`."""
    sides = (
        ("below", measure.below),
        ("at most", measure.at_most),
        ("at least", measure.at_least),
        ("above", measure.above),
    )
    words = " or ".join(f"{word} {bound:f}" for word, bound in sides if bound is not None)
    return words + _unit(measure)


def beyond(measure: Measure, value: Decimal) -> bool:
    """Whether the value lies beyond a bound of the quantity."""
    return (
        (measure.below is not None and value < measure.below)
        or (measure.above is not None and value > measure.above)
        or (measure.at_least is not None and value >= measure.at_least)
        or (measure.at_most is not None and value <= measure.at_most)
    )


def read_value(measure: Measure, given: str) -> Decimal | None:
    """What was typed, exactly; None when nothing was. Refused when it is no number of that quantity."""
    text = given.strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0 or value > _LARGEST:
        raise Refused(f"{measure.label}: write a number{_in_unit(measure)}, such as {_example(measure)}.",
                      field=measure.name)  # fmt: skip
    return value


def _shown(held: CriteriaSet, point: Point, answers: Answers) -> tuple[bool, Missing | None]:
    """Whether the point is shown by what was given about it; if not, why, where something was given."""
    by_value, low = _by_values(point, answers)
    if by_value is False:
        return False, low
    by_event, far = _by_event(held, point, answers)
    if by_event is False:
        return False, far
    if point.code in answers.ticked or True in (by_value, by_event):
        return True, None
    return False, low


def _by_values(point: Point, answers: Answers) -> tuple[bool | None, Missing | None]:
    """True or False as far as the given values decide; None with nothing given, or with a part not spoken of."""
    undecided: str = ""
    seen = False
    for part in dict.fromkeys(measure.part for measure in point.measures):
        given = [(one, answers.values[one.name]) for one in point.measures
                 if one.part == part and one.name in answers.values]  # fmt: skip
        seen = seen or bool(given)
        if not given:
            undecided = undecided or " or ".join(one.label for one in point.measures if one.part == part)
        elif not any(beyond(measure, value) for measure, value in given):
            sentence = f"{point.code}: " + "; ".join(
                f"{one.label} {value:f}{_unit(one)} is not {bounds_text(one)}" for one, value in given
            )
            return False, Missing(point.code, f"{sentence}.", given[0][0].name)
    if not seen:
        return None, None
    if undecided:
        return None, Missing(point.code, f"{point.code}: {undecided} is not given.")
    return True, None


def _by_event(held: CriteriaSet, point: Point, answers: Answers) -> tuple[bool | None, Missing | None]:
    happened = answers.events.get(point.code)
    window = point.window
    if happened is None or window is None:
        return None, None
    zone = ZoneInfo(answers.zone)
    days = (local_day(answers.at, zone) - local_day(happened, zone)).days
    if (window.days_ahead == 0 and happened > answers.at) or days < -window.days_ahead:
        after = f" by more than {window.days_ahead} days" if window.days_ahead else ""
        return False, Missing(point.code, f"{point.code}: {window.event} lies after {held.instant}{after}.")
    if window.hours is not None and answers.at - happened > timedelta(hours=window.hours):
        return False, Missing(point.code, f"{point.code}: {window.event} lies more than {window.hours} h before "
                              f"{held.instant}.")  # fmt: skip
    if window.days is not None and days > window.days:
        return False, Missing(point.code, f"{point.code}: {window.event} lies more than {window.days} days before "
                              f"{held.instant}.")  # fmt: skip
    return True, None


def _without_companion(held: CriteriaSet, met: dict[str, Point]) -> list[tuple[Point, str]]:
    """Met points that count only beside a point of another group, where there is none."""
    groups = {group.code: group for group in held.groups}
    standing = {point.group for point in met.values() if not point.requires}
    return [
        (point, f"{point.code} needs {groups[point.requires].one} too.")
        for point in met.values()
        if point.requires and point.requires not in standing
    ]


def _lacking(held: CriteriaSet, met: dict[str, Point]) -> tuple[str, ...]:
    """What the groups of a checklist still ask for."""
    sentences = []
    for group in held.groups:
        points = held.of_group(group.code)
        open_points = [point.code for point in points if point.code not in met]
        lacks = _needed(group, len(points)) - (len(points) - len(open_points))
        if lacks > 0:
            which = ", ".join(open_points)
            sentences.append(f"{group.title}: {which} not shown." if lacks == len(open_points)
                             else f"{group.title}: {lacks} more of {which}.")  # fmt: skip
    return tuple(sentences)


def _needed(group: Group, size: int) -> int:
    return size if group.need == "all" else group.need


def _unit(measure: Measure) -> str:
    return measure.unit if not measure.unit or measure.unit.startswith(("/", "%")) else f" {measure.unit}"


def _in_unit(measure: Measure) -> str:
    return f" in {measure.unit.removeprefix('/')}" if measure.unit and not measure.unit.startswith("/") else ""


def _example(measure: Measure) -> str:
    bound = next(one for one in (measure.above, measure.below, measure.at_least, measure.at_most) if one is not None)
    return f"{bound.quantize(measure.step):f}"
