"""Charting what belongs to a calendar day: weaning and minutes of therapy. No entry is rewritten."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.census.united import Subject, held_subject, subject, with_former
from app.kernel.refusal import NotFound, Refused
from app.ltac.course.events import TherapyCharted, WeaningCharted, WeaningTakenBack
from app.ltac.course.forms import ChartTherapy, ChartWeaning
from app.ltac.course.models import TherapyEntry, WeaningEntry
from app.ltac.course.queries import Frame, frames
from app.ltac.course.rules.life import check_charted, check_minutes
from app.ltac.course.rules.weaning import Charted
from app.ltac.course.terms import Support, Trial
from app.ltac.kind import check_long_term
from app.platform.work import Work

NOT_THERE = "There is no such entry, or it lies outside what you may see."
ANEW = "Charted anew"
_STANDING = "select id from weaning_day where encounter_id = any(%s) and day = %s and ended_at is null order by made_at"
_BEFORE = """
select b.id from weaning_day b join weaning_day a on a.id = %s and b.encounter_id = any(%s) and b.day = a.day
  and b.ended_at = a.made_at and b.id <> a.id order by b.made_at desc limit 1
"""
_MINUTES = """
select id, discipline, minutes from therapy_day where encounter_id = any(%s) and day = %s and ended_at is null
"""
_FACTS = ("support", "mode", "trial", "trial_reason", "ventilated_hours", "collar_hours", "decannulated", "note")


@dataclass(frozen=True, slots=True)
class _Held:
    """The stay, its days, and the stays that became part of it."""

    stay: Subject
    frame: Frame
    parts: Sequence[uuid.UUID]


def chart_weaning(work: Work, encounter_id: uuid.UUID, ask: ChartWeaning) -> WeaningEntry:
    """Chart a day of weaning. What stood for the day ends; an earlier day is charted anew only with a reason.

    Refused for a day outside of the stay, and for facts of one day that exclude each other.
    """
    held = _hold(work, encounter_id)
    last = held.frame.last_day(work.now)
    day = ask.day or last
    charted = Charted(
        ask.support, ask.trial, ask.trial_reason, ask.ventilated_hours, ask.collar_hours, ask.decannulated
    )
    check_charted(charted, day, held.frame.admitted_on, last)
    before = _standing(work, held, day)
    if before and day < held.stay.day(work.now) and not ask.because:
        raise Refused("This day is charted. Say why it is charted anew.", field="because")
    facts = ask.model_dump(include=set(_FACTS))
    facts |= {"support": ask.support.value, "trial": ask.trial.value if ask.trial else ""}
    return _chart(work, held, day, facts, ask.because)


def chart_today(work: Work, encounter_id: uuid.UUID, support: Support) -> WeaningEntry:
    """Chart the support of today by one word; what else is charted of today stays.

    Refused where that contradicts it, where the same word stands already, and once the patient had left.
    """
    held = _hold(work, encounter_id)
    day = held.frame.last_day(work.now)
    if day < held.stay.day(work.now):
        raise Refused("The patient had left before today. Chart the day by its date.")
    before = _standing(work, held, day)
    facts: dict[str, Any] = {"support": support.value}
    if before:
        if before[-1].support == support:
            raise Refused(f"Today is charted as {support.label.lower()} already.")
        facts = {name: getattr(before[-1], name) for name in _FACTS} | facts
    check_charted(_charted(facts), day, held.frame.admitted_on, day)
    return _chart(work, held, day, facts, "")


def take_back_weaning(work: Work, entry_id: uuid.UUID, reason: str, *, restore: bool = True) -> WeaningEntry:
    """Say that an entry was a mistake. With `restore` what it had taken the place of stands again, as a new entry.

    Refused for an entry that stands no more.
    """
    found = work.get(WeaningEntry, entry_id, NOT_THERE)
    held = _hold(work, found.encounter_id)
    found = work.lock(WeaningEntry, entry_id, NOT_THERE)
    if found.ended_at is not None:
        raise Refused("This entry stands no more: the day was charted anew. Reload the page.")
    before = work.value(_BEFORE, (found.id, list(held.parts))) if restore else None
    _end(work, found, reason)
    if before is not None:
        old = work.get(WeaningEntry, before, NOT_THERE)
        _store(work, held, found.day, {name: getattr(old, name) for name in _FACTS}, reason)
    work.record(WeaningTakenBack(**_about(held.stay), entry_id=found.id, day=found.day))
    work.changed(held.stay.facility_id, held.stay.encounter_id)
    return found


def chart_therapy(work: Work, encounter_id: uuid.UUID, ask: ChartTherapy) -> date:
    """Chart minutes of therapy of a day and say which day it was. Disciplines that are left empty stay as they are."""
    held = _hold(work, encounter_id)
    last = held.frame.last_day(work.now)
    day = ask.day or last
    check_charted(Charted(Support.FREE), day, held.frame.admitted_on, last)
    if not ask.minutes:
        raise Refused("Write the minutes of one discipline at least.", field="pt")
    written = {discipline.value for discipline in ask.minutes}
    kept = work.rows(lambda *row: row, _MINUTES, (list(held.parts), day))
    check_minutes([*ask.minutes.values(), *(minutes for _, word, minutes in kept if word not in written)])
    for key, word, _ in kept:
        if word in written:
            old = work.lock(TherapyEntry, key, NOT_THERE)
            old.ended_at, old.ended_by = work.now, work.who.actor_id
    work.session.flush()
    for discipline, minutes in ask.minutes.items():
        work.add(
            TherapyEntry(
                facility_id=held.stay.facility_id, encounter_id=held.stay.encounter_id, day=day,
                discipline=discipline.value, minutes=minutes, made_at=work.now, made_by=work.who.actor_id,
            )
        )  # fmt: skip
    work.record(TherapyCharted(**_about(held.stay), day=day))
    work.changed(held.stay.facility_id, held.stay.encounter_id)
    return day


def stay_of_entry(work: Work, entry_id: uuid.UUID) -> uuid.UUID:
    """The stay of an entry; NotFound outside the reader's scope."""
    found = work.value("select encounter_id from weaning_day where id = %s", (entry_id,))
    if found is None:
        raise NotFound(NOT_THERE)
    return subject(work, found).encounter_id


def _hold(work: Work, encounter_id: uuid.UUID) -> _Held:
    stay = held_subject(work, encounter_id)
    check_long_term(work, stay.encounter_id)
    frame = frames(work, [stay.encounter_id])[stay.encounter_id]
    return _Held(stay, frame, list(with_former(work, [stay.encounter_id])))


def _charted(facts: dict[str, Any]) -> Charted:
    trial = facts.get("trial", "")
    return Charted(
        Support(facts["support"]), Trial(trial) if trial else None, facts.get("trial_reason", ""),
        facts.get("ventilated_hours"), facts.get("collar_hours"), facts.get("decannulated", False),
    )  # fmt: skip


def _standing(work: Work, held: _Held, day: date) -> list[WeaningEntry]:
    keys = work.values(_STANDING, (list(held.parts), day))
    return [work.lock(WeaningEntry, key, NOT_THERE) for key in keys]


def _chart(work: Work, held: _Held, day: date, facts: dict[str, Any], because: str) -> WeaningEntry:
    for one in _standing(work, held, day):
        _end(work, one, because or ANEW)
    made = _store(work, held, day, facts, because)
    work.record(WeaningCharted(**_about(held.stay), entry_id=made.id, day=day))
    work.changed(held.stay.facility_id, held.stay.encounter_id)
    return made


def _end(work: Work, one: WeaningEntry, reason: str) -> None:
    one.ended_at, one.ended_by, one.ended_reason = work.now, work.who.actor_id, reason
    work.session.flush()


def _store(work: Work, held: _Held, day: date, facts: dict[str, Any], because: str) -> WeaningEntry:
    return work.add(
        WeaningEntry(
            facility_id=held.stay.facility_id, encounter_id=held.stay.encounter_id, day=day, made_at=work.now,
            made_by=work.who.actor_id, made_because=because, **facts,
        )
    )  # fmt: skip


def _about(stay: Subject) -> dict[str, Any]:
    return {"encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id}
