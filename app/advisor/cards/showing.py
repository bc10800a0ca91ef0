"""A card in words: who, until when, what is asked, what is known, which answers there are."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.advisor.cards.loans import Borrowed, borrow
from app.advisor.queries import Card, Signed, Slot, cards, is_opinion, signed, slots
from app.advisor.rules import EXPECTED_NEXT, REASONS, answers, said
from app.advisor.talks.outcomes import Ended, ended, first_day, share
from app.advisor.talks.rules import said as share_words
from app.advisor.terms import EscalationKind, Outcome, Rung
from app.kernel.days import local_day, start_of_day
from app.kernel.wording import (
    age_text,
    brief_text,
    dated_text,
    duration_text,
    full_text,
    iso_text,
    moment_text,
    running_text,
)
from app.platform.work import Reading
from app.security.viewer import Place, Viewer
from app.web.forms import FormState

DRAWN_AT_ONCE = 30
"""Cards that are complete on the page; the agenda names all, and the others follow when these are answered."""
_KEYS = "abcdefgh"
_ICONS = {EscalationKind.CONCURRENT_DENIAL: "shield", EscalationKind.LONG_STAY: "flag"}


def zone_of(place: Place) -> ZoneInfo:
    """The zone of a facility."""
    return ZoneInfo(place.timezone)


def instant(at: datetime, one: Card, now: datetime) -> dict[str, str]:
    """An instant as `<time>` shows it, with what is left."""
    left = f"in {duration_text(at - now)}" if at >= now else f"{duration_text(now - at)} late"
    return {"text": moment_text(at, one.zone, now), "brief": brief_text(at, one.zone, now),
            "iso": iso_text(at, one.zone), "full": full_text(at, one.zone), "left": left,
            "tone": "late" if at < now else "soon" if at.astimezone(one.zone).date() == now.astimezone(one.zone).date()
            else ""}  # fmt: skip


def board(db: Reading, viewer: Viewer, facility_id: int, states: dict[uuid.UUID, FormState]) -> dict[str, Any]:
    """Agenda and cards of a facility; `states` are forms that came back with errors, by question."""
    found = cards(db, facility_id)
    shown = found[:DRAWN_AT_ONCE]
    return {
        "agenda": [_entry(one, db.now) for one in found],
        "cards": drawn(db, viewer, facility_id, shown, states),
        "later": len(found) - len(shown),
        "patients": list({one.patient_id for one in found}),
    }


def drawn(
    db: Reading, viewer: Viewer, facility_id: int, shown: Sequence[Card], states: dict[uuid.UUID, FormState]
) -> list[dict[str, Any]]:
    """Cards with everything on them, by one query for each kind of thing."""
    stays = list({one.encounter_id for one in shown})
    borrowed, opinions = borrow(db, stays), signed(db, stays)
    times = slots(db, [one.escalation_id for one in shown])
    talks: list[Ended] = []
    if any(one.is_talk for one in shown):
        zone = shown[0].zone
        talks = ended(db, facility_id, start_of_day(first_day(local_day(db.now, zone)), zone))
    return [
        _head(one, db.now, viewer)
        | _known(one, borrowed, opinions.get(one.encounter_id, []), db.now)
        | _talk(one, times.get(one.escalation_id, []), talks, viewer, db.now)
        | {"talk_effect": borrowed.talk_effects.get(one.encounter_id, "") if one.is_talk else ""}
        | _form(one, states.get(one.escalation_id))
        for one in shown
    ]


def _entry(one: Card, now: datetime) -> dict[str, Any]:
    first = one.first_at
    what = "P2P" if one.is_talk else EscalationKind(one.kind).label.lower()
    return {
        "id": str(one.escalation_id), "name": one.family or "Name not sent", "what": what, "sub": _agenda_sub(one, now),
        "at": instant(first, one, now) if first else None,
    }  # fmt: skip


def _agenda_sub(one: Card, now: datetime) -> str:
    if one.state == "with_attending":
        return "waits for the attending"
    parts = [_class_words(one, now)]
    if one.holder:
        parts.append(f"taken by {one.holder}")
    if one.rung == Rung.CHIEF_MEDICAL_OFFICER:
        parts.append("last rung")
    return ", ".join(part for part in parts if part)


def _class_words(one: Card, now: datetime) -> str:
    if one.patient_class == "OBS" and one.class_since is not None:
        return f"obs {running_text(now - one.class_since).removesuffix(' h').replace(':', ' h ')}"
    if one.start_at is None:
        return ""
    day = (local_day(_end(one, now), one.zone) - local_day(one.start_at, one.zone)).days + 1
    return f"day {day}" + (f" of {one.gmlos:.1f}" if one.gmlos else "")


def _end(one: Card, now: datetime) -> datetime:
    """Until when the stay is counted: its discharge, else now."""
    return min(now, one.discharge_at) if one.discharge_at is not None else now


def _head(one: Card, now: datetime, viewer: Viewer) -> dict[str, Any]:
    who = " ".join(part for part in (age_text(one.birth_text, local_day(now, one.zone)), one.sex) if part)
    payer = one.payer_name or one.payer_code or "payer not sent"
    line = " · ".join(part for part in (who, one.place or "no bed", _class_words(one, now), payer) if part)
    kind = EscalationKind(one.kind)
    chips = []
    if (first := one.first_at) is not None:
        at = instant(first, one, now)
        tone = {"late": "red", "soon": "amber"}.get(at["tone"], "gray")
        word = "P2P" if one.is_talk and one.slot_at else "window" if one.is_talk else "answer by"
        chips.append({"text": f"{word} {at['brief']}", "tone": tone, "icon": "phone" if one.is_talk else "clock"})
    chips.append({"text": kind.label.lower(), "tone": "gray", "icon": _ICONS.get(kind, "ask")})
    if one.state == "with_attending":
        chips.append({"text": "attending asked", "tone": "blue", "icon": "mail"})
    name = ", ".join(part for part in (one.family or "Name not sent", one.given) if part)
    return {
        "id": str(one.escalation_id), "stay_id": str(one.encounter_id), "name": name, "line": line, "chips": chips,
        "review_id": str(one.review_id or ""),
        "question": one.question, "background": one.background, "kind": kind.label, "state": one.state,
        "asked": f"Asked {dated_text(one.asked_at, one.zone, now)}"
        + (f" by {one.asked_by}" if one.asked_by else " by a rule")
        + (f"; {Rung(one.rung).label.lower()} since it rose" if one.rung == Rung.CHIEF_MEDICAL_OFFICER else ""),
        "holder": one.holder, "mine": one.holder_id == viewer.user_id, "attending": one.attending,
        "note": one.note if one.state != "with_attending" else "",
    }  # fmt: skip


def _known(one: Card, borrowed: Borrowed, opinions: Sequence[Signed], now: datetime) -> dict[str, Any]:
    review = borrowed.reviews.get(one.encounter_id)
    midnights = borrowed.midnights.get(one.encounter_id)
    payer = borrowed.payers.get(one.encounter_id)
    points = [{"text": point.text, "code": point.code, "met": point.met} for point in review.points] if review else []
    return {
        "midnights": {
            "sentence": midnights.sentence if midnights else _nights(one, now),
            "template": midnights.template if midnights else "",
        },
        "figure": _figure(midnights.figure, one) if midnights else {},
        "review": {"title": review.title, "points": points, "words": review.words} if review else None,
        "payer_said": {"text": payer.text, "source": payer.source} if payer else None,
        "opinions": opinion_line(opinions, one, now),
    }


def _figure(figure: Mapping[str, object], one: Card) -> dict[str, object]:
    """The drawing with a name and a key of its own on the card: one stay may have several."""
    asked = f"{EscalationKind(one.kind).label.lower()} asked {full_text(one.asked_at, one.zone)}"
    title = f"{figure.get('title', 'Midnights')} of {one.family or 'a patient without a name'}, {asked}: {one.question}"
    return {**figure, "key": f"tm-{one.escalation_id}", "title": title}


def _nights(one: Card, now: datetime) -> str:
    """Midnights since care began, counted by the facility's days; the part as an inpatient apart."""
    if one.start_at is None:
        return "When care began was not sent."
    today = local_day(_end(one, now), one.zone)
    passed = max(0, (today - local_day(one.start_at, one.zone)).days)
    as_inpatient = max(0, (today - local_day(one.inpatient_at, one.zone)).days) if one.inpatient_at else 0
    nights = "1 midnight" if passed == 1 else f"{passed} midnights"
    return f"Care began {dated_text(one.start_at, one.zone, now)}: {nights} passed, {as_inpatient} as an inpatient."


def opinion_line(opinions: Sequence[Signed], one: Card, now: datetime) -> str:
    """What physicians answered before on this stay, as one line; a second look at the same question is left out."""
    found = [old for old in opinions if is_opinion(old) and old.escalation_id != one.escalation_id]
    if not found:
        return "None on this stay."
    lines = [
        f"{old.decided_by or 'the program'}, {dated_text(old.decided_at, one.zone, now)}:"
        f" {said(old.answer, EscalationKind(old.kind)).lower()} ({old.why.label.lower()})"
        for old in found[:3]
    ]
    more = f"; {len(found) - 3} more" if len(found) > 3 else ""
    return f"{'; '.join(lines)}{more}."


def _talk(one: Card, times: Sequence[Slot], talks: Sequence[Ended], viewer: Viewer, now: datetime) -> dict[str, Any]:
    if not one.is_talk:
        return {"talk": None}
    alike = [old for old in talks if old.payer_code == one.payer_code and old.payer_reason == one.payer_reason]
    mine = [old for old in alike if old.decided_by_id == viewer.user_id]
    chosen = next((slot for slot in times if slot.chosen), None)
    limits = [at for at in (one.deadline_at, one.window_at) if at is not None]
    late = chosen is not None and bool(limits) and chosen.begins_at > min(limits)
    who = ", ".join(part for part in (one.physician, one.specialty) if part)
    return {
        "talk": {
            "slot": dated_text(chosen.begins_at, one.zone, now) + f", {chosen.minutes} min" if chosen else "",
            "slot_id": str(chosen.id) if chosen else "",
            "offered": [
                {"id": str(slot.id), "text": dated_text(slot.begins_at, one.zone, now)}
                for slot in times
                if not slot.chosen and slot.begins_at > now
            ],
            "late": late,
            "window": dated_text(one.window_at, one.zone, now) if one.window_at else "",
            "deadline": dated_text(one.deadline_at, one.zone, now) if one.deadline_at else "",
            "call_back": one.call_back,
            "who": who,
            "all": share_words(share(alike)),
            "mine": share_words(share(mine)),
        }
    }


def _form(one: Card, state: FormState | None) -> dict[str, Any]:
    kind = EscalationKind(one.kind)
    given = state.given if state else {}
    offered = [
        {
            "place": place, "outcome": outcome.value, "label": said(outcome, kind),
            "key": str(place) if place <= 3 else "", "checked": given.get("outcome") == outcome.value,
            "next": _next(outcome, one),
            "reasons": [
                {"value": reason.value, "label": reason.label, "key": _KEYS[number],
                 "checked": given.get("outcome") == outcome.value and given.get("reason") == reason.value}
                for number, reason in enumerate(REASONS[outcome])
            ],
        }
        for place, outcome in enumerate(answers(one.asked), start=1)
    ]  # fmt: skip
    return {
        "answers": offered,
        "rationale": given.get("rationale", ""),
        "errors": [{"name": name, "text": text} for name, text in state.errors.items()] if state else [],
    }


def _next(outcome: Outcome, one: Card) -> str:
    """What follows, said beside the reasons; only an inpatient needs the determination."""
    if outcome is Outcome.OBSERVATION_APPROPRIATE and one.patient_class != "IP":
        return "The patient is no inpatient: nothing has to be determined."
    return EXPECTED_NEXT.get(outcome, "The question stays open.")
