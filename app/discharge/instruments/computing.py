"""Scores of stays as they are now, and stored when they come to be others, so that lists can show and filter them."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.discharge.instruments.complexity import complexity
from app.discharge.instruments.events import RiskComputed
from app.discharge.instruments.known import StayKnown, known_of
from app.discharge.instruments.models import RiskScore
from app.discharge.instruments.rules import hospital, lace, simplified
from app.discharge.instruments.terms import Instrument, Known, Score
from app.platform.work import Reading, Work

COMPUTED = (Instrument.LACE, Instrument.HOSPITAL, Instrument.SIMPLIFIED_HOSPITAL, Instrument.COMPLEXITY)
_STORED = """
select encounter_id, id, instrument, version, kind, total, at_least, band, parts from risk_score
where encounter_id = any(%s) and ended_at is null
"""


class Stored(msgspec.Struct):
    """A score as it stands in the table."""

    encounter_id: uuid.UUID
    id: uuid.UUID
    instrument: str
    version: str
    kind: str
    total: int | None
    at_least: int
    band: str
    parts: list[dict[str, Any]]


def scores_of(known: Known) -> list[Score]:
    """Every score that is computed, in the order in which pages show them."""
    first = lace(known)
    return [first, hospital(known), simplified(known), complexity(known, first.at_least)]


def stored(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, Stored]]:
    """The scores that stand in the table, by stay and instrument."""
    found: dict[uuid.UUID, dict[str, Stored]] = {}
    for one in db.rows(Stored, _STORED, (list(stays),)):
        found.setdefault(one.encounter_id, {})[one.instrument] = one
    return found


def outdated(db: Reading, stays: Mapping[uuid.UUID, StayKnown]) -> list[uuid.UUID]:
    """Those of which a stored score is not what the facts say now."""
    held = stored(db, list(stays))
    return [
        key for key, stay in stays.items()
        if any(_differs(held.get(key, {}).get(score.instrument), score) for score in scores_of(stay.known))
    ]  # fmt: skip


def refresh(work: Work, encounter_id: uuid.UUID) -> bool:
    """Store the scores of a stay that came to be others. The stay is held by the caller."""
    stay = known_of(work, [encounter_id]).get(encounter_id)
    if stay is None:
        return False
    held = stored(work, [encounter_id]).get(encounter_id, {})
    changed = [score for score in scores_of(stay.known) if _differs(held.get(score.instrument), score)]
    for score in changed:
        _replace(work, stay, held.get(score.instrument), score)
    if changed:
        names = tuple(score.instrument.value for score in changed)
        work.record(
            RiskComputed(
                facility_id=stay.facility_id, encounter_id=encounter_id, patient_id=stay.patient_id, instruments=names
            )
        )
        work.changed(stay.facility_id, encounter_id)
    return bool(changed)


def _replace(work: Work, stay: StayKnown, before: Stored | None, score: Score) -> None:
    if before is not None:
        work.write(
            "risk_score",
            "update risk_score set ended_at = %s, ended_by = %s where id = %s",
            (work.now, work.who.actor_id, before.id),
        )
    work.add(
        RiskScore(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, instrument=score.instrument.value,
            version=score.version, kind=score.kind, total=score.total, at_least=score.at_least, band=score.band,
            parts=_parts(score), made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip


def _parts(score: Score) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.to_builtins(list(score.parts))
    return found


def _differs(before: Stored | None, now: Score) -> bool:
    if before is None:
        return True
    was = (before.version, before.kind, before.total, before.at_least, before.band, before.parts)
    return was != (now.version, now.kind, now.total, now.at_least, now.band, _parts(now))
