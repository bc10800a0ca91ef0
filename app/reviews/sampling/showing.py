"""What pages of samples and second readings show, in words."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from app.census.stay.head import identity_text
from app.census.stay.packet import sections
from app.census.stay.queries import stay_of
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading
from app.reviews import rules as reviews
from app.reviews.criteria.terms import CriteriaSet, ReviewKind
from app.reviews.sampling.queries import Pair, Sample, Task
from app.reviews.sampling.rules import agreement
from app.reviews.sampling.terms import Agreement
from app.reviews.sets.queries import get as get_set
from app.reviews.terms import Outcome
from app.reviews.writing.showing import OUTCOME_TONES

Who = Callable[[Pair], str]


def percent_words(share: Fraction | None) -> str:
    """`86.7 %`; a dash without a pair."""
    return f"{float(share * 100):.1f} %" if share is not None else "–"


def kappa_words(kappa: Fraction | None) -> str:
    """`0.62`, with a real minus sign; `not defined` where it is not."""
    return f"{float(kappa):.2f}".replace("-", "−") if kappa is not None else "not defined"


def figure(found: Agreement, href: str = "") -> dict[str, str]:
    """An agreement as a row of a table."""
    return {
        "number": str(found.number), "agreed": str(found.agreed), "percent": percent_words(found.share),
        "kappa": kappa_words(found.kappa), "href": href,
    }  # fmt: skip


def outcome_figure(pairs: Iterable[Pair]) -> Agreement:
    """Agreement about the outcome."""
    return agreement((one.first_outcome, one.second_outcome) for one in pairs)


def point_answer(one: Pair, code: str) -> tuple[str, str]:
    """Whether each reading found a point met."""
    return ("met" if code in one.first_met else "not_met", "met" if code in one.second_met else "not_met")


def of_set(pairs: Iterable[Pair], set_id: str, version: str) -> list[Pair]:
    """The pairs of one version of a criteria set: only they can be compared by point."""
    return [one for one in pairs if (one.set_id, one.set_version) == (set_id, version)]


def sets_of(db: Reading, pairs: Sequence[Pair]) -> list[tuple[str, str, CriteriaSet | None]]:
    """The sets by which pairs were read, each version for itself; one that nobody has any more is None."""
    found: dict[tuple[str, str], CriteriaSet | None] = {}
    for one in pairs:
        key = (one.set_id, one.set_version)
        if one.set_id and key not in found:
            found[key] = set_named(db, one.facility_id, *key)
    return [(*key, held) for key, held in sorted(found.items())]


def set_named(db: Reading, facility_id: int, set_id: str, version: str) -> CriteriaSet | None:
    """The set by its name and version, while somebody has it."""
    try:
        return get_set(db, facility_id, set_id, version)
    except NotFound:
        return None


def agreement_context(db: Reading, pairs: Sequence[Pair], where: str) -> dict[str, Any]:
    """The figures: of the outcome, of every answer against every other, and of each point by criteria set."""
    return {
        "outcome": figure(outcome_figure(pairs), f"{where}outcomes="),
        "crossed": _crossed(pairs, where),
        "sets": [_set_figures(pairs, key, where, held) for *key, held in sets_of(db, pairs)],
    }


def _crossed(pairs: Sequence[Pair], where: str) -> list[dict[str, Any]]:
    """How often each outcome of the first reading met each of the second."""
    return [
        {"label": first.label, "cells": [
            {"count": sum((one.first_outcome, one.second_outcome) == (first, second) for one in pairs),
             "href": f"{where}outcomes={first}+{second}", "same": first is second}
            for second in Outcome
        ]}
        for first in Outcome
    ]  # fmt: skip


def _set_figures(pairs: Sequence[Pair], key: Sequence[str], where: str, held: CriteriaSet | None) -> dict[str, Any]:
    set_id, version = key
    own = of_set(pairs, set_id, version)
    texts = {point.code: point.text for point in held.points} if held is not None else {}
    codes = list(texts) or sorted({code for one in own for code in (*one.first_met, *one.second_met)})
    rows, silent = [], 0
    for code in codes:
        answers = [point_answer(one, code) for one in own]
        if all(one == ("not_met", "not_met") for one in answers):
            silent += 1
            continue
        href = f"{where}point={quote(f'{set_id} {version} {code}')}"
        rows.append(figure(agreement(answers), href) | {"code": code, "text": texts.get(code, "")})
    return {
        "title": held.title if held is not None else set_id, "version": version, "count": str(len(own)), "rows": rows,
        "silent": silent, "key": f"{set_id}-{version}".replace(".", "-").replace("_", "-"),
    }  # fmt: skip


# --- samples and pairs ------------------------------------------------------------------------------------------------


def sample_line(one: Sample, zone: ZoneInfo, db: Reading) -> dict[str, Any]:
    """A draw in words."""
    today = local_day(db.now, zone)
    days = day_text(one.first_day, today)
    if one.last_day != one.first_day:
        days += f" to {day_text(one.last_day, today)}"
    struck = f"struck out by {one.ended_by}: {one.ended_reason}" if one.ended_at is not None else ""
    return {
        "id": str(one.id), "days": days, "percent": f"{one.percent} %", "seed": one.seed, "eligible": str(one.eligible),
        "drawn": str(one.drawn), "read": str(one.read), "by": one.made_by,
        "at": dated_text(one.made_at, zone, db.now), "struck": struck, "open": one.ended_at is None,
    }  # fmt: skip


def task_line(one: Task, db: Reading) -> dict[str, Any]:
    """A drawn review in words, without what was found."""
    zone = ZoneInfo(one.timezone)
    return {
        "id": str(one.id), "patient": one.patient_name, "name": reviews.name_of(one.kind_word),
        "day": day_text(one.for_day, local_day(db.now, zone)), "state": one.state.label,
        "signed": dated_text(one.signed_at, zone, db.now), "by": one.taken_by_name if one.taken_by else "",
        "taken": dated_text(one.taken_at, zone, db.now) if one.taken_at else "", "code": one.state.value,
    }  # fmt: skip


def pair_line(one: Pair, db: Reading) -> dict[str, Any]:
    """Both readings in one line."""
    zone = ZoneInfo(one.timezone)
    return {
        "id": str(one.sampled_id), "patient": one.patient_name, "name": reviews.name_of(ReviewKind(one.kind)),
        "day": day_text(one.for_day, local_day(db.now, zone)), "first": _outcome(one.first_outcome),
        "second": _outcome(one.second_outcome), "same": one.first_outcome == one.second_outcome,
        "first_by": one.first_name, "second_by": one.second_name, "at": dated_text(one.read_at, zone, db.now),
    }  # fmt: skip


def _outcome(code: str) -> dict[str, str]:
    outcome = Outcome(code)
    tone, icon = OUTCOME_TONES[outcome]
    return {"label": outcome.label, "tone": tone, "icon": icon}


def pair_context(db: Reading, one: Pair) -> dict[str, Any]:
    """Both readings beside each other, point by point, with the points that either found met."""
    held = set_named(db, one.facility_id, one.set_id, one.set_version) if one.set_id else None
    texts = {point.code: point.text for point in held.points} if held is not None else {}
    codes = [code for code in texts or sorted({*one.first_met, *one.second_met})
             if code in one.first_met or code in one.second_met]  # fmt: skip
    points = [
        {"code": code, "text": texts.get(code, ""), "first": code in one.first_met, "second": code in one.second_met,
         "same": (code in one.first_met) == (code in one.second_met)}
        for code in codes
    ]  # fmt: skip
    return {
        "pair": pair_line(one, db) | {"reason": one.reason, "review": f"/reviews/{one.review_id}"},
        "points": points,
        "criteria": f"{held.title}, version {held.version}" if held is not None else "Licensed product, by its outcome",
    }


# --- the stay as it was known -----------------------------------------------------------------------------------------


def stay_context(then: Reading, held: Task) -> dict[str, Any]:
    """The facts of the stay as they were known when the review was signed: no reviews, no questions, no answers."""
    stay = stay_of(then, held.encounter_id)
    return {
        "patient": stay.name,
        "identity": identity_text(stay, then.now),
        "sections": [
            {"key": one.key, "title": one.title, "blocks": [
                {"heading": block.heading, "facts": list(block.facts),
                 "heads": [{"label": head or "Value"} for head in block.table.heads] if block.table else [],
                 "rows": [list(row) for row in block.table.rows] if block.table else []}
                for block in one.blocks
            ]}
            for one in sections(then, held.encounter_id)
        ],
    }  # fmt: skip
