"""From what a reviewer ticked, measured and chose to what the review says: the criteria, the outcome, its reasons."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import Subject
from app.kernel.days import end_of_day, instant_of
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading
from app.reviews import rules
from app.reviews.criteria.rules import evaluate, read_value, refuse_contradictions
from app.reviews.criteria.terms import Answers, CriteriaSet, Evaluation, ReviewKind
from app.reviews.exemptions.queries import policies
from app.reviews.licensed.rules import reference
from app.reviews.licensed.terms import LicensedOutcome, LicensedReference
from app.reviews.models import Review
from app.reviews.rules import Finding
from app.reviews.sets import queries as sets
from app.reviews.terms import LevelOfCare, Outcome, Override

LICENSED = "licensed"
"""In the place of a set: a licensed product was used, of which only the reference is kept."""
NO_SET = "There is no such criteria set here. Choose one of the list."


class Pointed(Protocol):
    """What the criteria are applied to."""

    for_day: date
    criteria: str
    points: list[str]
    values: dict[str, str]
    moments: dict[str, str]


class Written(Pointed, Protocol):
    """A review as somebody writes it: what the commands read."""

    kind: ReviewKind
    licensed: dict[str, str]
    outcome: Outcome | None
    override_reason: str
    reason: str
    level: LevelOfCare | None
    recommended_level: LevelOfCare | None
    exemption: str
    refer: bool
    question: str
    awaited: str
    awaited_from: str


class Given(msgspec.Struct, frozen=True):
    """What was ticked, measured and dated, as typed."""

    points: frozenset[str] = frozenset()
    values: Mapping[str, str] = {}
    moments: Mapping[str, str] = {}


class Judgment(msgspec.Struct):
    """What a review says, and on which criteria it stands."""

    finding: Finding
    set_id: str
    set_version: str
    licensed: dict[str, str]
    answers: dict[str, Any]
    met: tuple[str, ...]
    qualifies: bool


def set_of_form(db: Reading, facility_id: int, criteria: str) -> CriteriaSet:
    """The set that a form names as `id version`."""
    set_id, _, version = criteria.partition(" ")
    try:
        return sets.get(db, facility_id, set_id, version)
    except NotFound:
        raise Refused(NO_SET, field="criteria") from None


def looked_at(for_day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant from which windows are counted back: now, or the end of a day that is over."""
    return min(now, end_of_day(for_day, zone))


def answers_of(held: CriteriaSet, given: Given, at: datetime, zone: ZoneInfo) -> Answers:
    """What was typed as the criteria read it. Refused, with its field, for what is no number or no time."""
    known = {point.code for point in held.points}
    values: dict[str, Decimal] = {}
    for point in held.points:
        for measure in point.measures:
            value = read_value(measure, given.values.get(measure.name, ""))
            if value is not None:
                values[measure.name] = value
    moments = {code: _moment(code, text, zone) for code, text in given.moments.items() if code in known and text}
    return Answers(at=at, zone=zone.key, ticked=frozenset(given.points & known), values=values, events=moments)


def _moment(code: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{code}: write a day and a time, such as 2026-03-05 07:30.", field=f"event-{code}") from None
    return instant_of(wall.date(), wall.time(), zone) if wall.tzinfo is None else wall


def assess(
    db: Reading, stay: Subject, ask: Pointed, at: datetime | None = None
) -> tuple[CriteriaSet, Given, Evaluation]:
    """What the points alone come to, now or as somebody looked at them `at` an earlier instant."""
    held = set_of_form(db, stay.facility_id, ask.criteria)
    given = Given(frozenset(ask.points), ask.values, ask.moments)
    seen = looked_at(ask.for_day, stay.zone, at or db.now)
    return held, given, evaluate(held, answers_of(held, given, seen, stay.zone))


def judge(db: Reading, stay: Subject, ask: Written, at: datetime | None = None) -> Judgment:
    """The whole review. Refused, with the field, for what contradicts itself or says too little.

    An amendment is judged as of `at`, when it was signed first: hours that pass over a slip of the pen undo no point.
    """
    if ask.criteria == LICENSED:
        found = _by_licence(ask)
    else:
        held, given, evaluation = assess(db, stay, ask, at)
        refuse_contradictions(evaluation)
        outcome = ask.outcome or (Outcome.MET if evaluation.qualifies else Outcome.NOT_MET)
        override = rules.override_of(outcome, by_points=evaluation.qualifies)
        found = Judgment(
            _finding(ask, outcome, override), held.id, held.version, {}, kept(held, given), evaluation.met,
            evaluation.qualifies,
        )  # fmt: skip
    rules.check(found.finding, (one.code for one in policies(db, stay.facility_id)))
    return found


def _by_licence(ask: Written) -> Judgment:
    """By a licensed product: its outcome decides, and only the reference is kept (product law 9)."""
    given = ask.licensed
    try:
        said = LicensedOutcome(given.get("outcome", ""))
    except ValueError:
        raise Refused("Choose the outcome that the licensed product gave.", field="licensed-outcome") from None
    try:
        named = reference(
            LicensedReference(
                product=given.get("product", ""), release=given.get("release", ""), outcome=said,
                subset=given.get("subset", ""), guideline_id=given.get("guideline_id", ""),
                level_supported=given.get("level_supported", ""), vendor_reference=given.get("vendor_reference", ""),
            )
        )  # fmt: skip
    except Refused as refused:
        raise Refused(refused.sentence, field=f"licensed-{refused.field}") from None
    by_product = _BY_PRODUCT[said]
    outcome = ask.outcome or by_product
    against = Outcome.PENDING not in (outcome, by_product)
    override = rules.override_of(outcome, by_points=by_product is Outcome.MET) if against else Override.NONE
    kept_of = {name: text for name, text in msgspec.to_builtins(named).items() if text}
    return Judgment(_finding(ask, outcome, override), "", "", kept_of, {}, (), by_product is Outcome.MET)


_BY_PRODUCT = {
    LicensedOutcome.MET: Outcome.MET,
    LicensedOutcome.MET_SECONDARY: Outcome.MET,
    LicensedOutcome.NOT_MET: Outcome.NOT_MET,
    LicensedOutcome.DEFERRED: Outcome.PENDING,
}


def _finding(ask: Written, outcome: Outcome, override: Override) -> Finding:
    not_met, pending = outcome is Outcome.NOT_MET, outcome is Outcome.PENDING
    return Finding(
        outcome=outcome, override=override,
        override_reason=ask.override_reason if override is not Override.NONE else "",
        reason=ask.reason if not_met else "", level=ask.level,
        recommended_level=ask.recommended_level if not_met else None,
        exemption=ask.exemption if not_met else "", refer=ask.refer, question=ask.question,
        awaited=ask.awaited if pending else "", awaited_from=ask.awaited_from if pending else "",
    )  # fmt: skip


def finding_of(held: Review) -> Finding:
    """What a stored version says."""
    return Finding(
        outcome=Outcome(held.outcome), override=Override(held.override), override_reason=held.override_reason,
        reason=held.reason, level=LevelOfCare(held.level) if held.level else None,
        recommended_level=LevelOfCare(held.recommended_level) if held.recommended_level else None,
        exemption=held.exemption, refer=held.referred, question=held.question, awaited=held.awaited,
        awaited_from=held.awaited_from,
    )  # fmt: skip


def kept(held: CriteriaSet, given: Given) -> dict[str, Any]:
    """Answers as a review keeps them: only what belongs to the set, and only what was given."""
    codes = [point.code for point in held.points]
    names = [measure.name for point in held.points for measure in point.measures]
    return {
        "ticked": [code for code in codes if code in given.points],
        "values": {name: given.values[name].strip() for name in names if given.values.get(name, "").strip()},
        "moments": {code: given.moments[code] for code in codes if given.moments.get(code)},
    }


def given_of(answers: Mapping[str, Any]) -> Given:
    """What a stored version was given."""
    return Given(
        frozenset(answers.get("ticked", ())), dict(answers.get("values", {})), dict(answers.get("moments", {}))
    )


def minutes(started_at: datetime, signed_at: datetime) -> int:
    """Minutes of work that a review took, at least one."""
    return max(1, round((signed_at - started_at) / timedelta(minutes=1)))
