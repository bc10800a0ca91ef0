"""What the pages of denials show, in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.census.united import Subject
from app.kernel.transitions import actions
from app.kernel.wording import dated_text, day_text, duration_text, full_text, iso_text
from app.payers.authorizations.showing import ranges_words
from app.payers.authorizations.terms import Channel
from app.payers.denials import queries
from app.payers.denials.appeals.course import Course, course_of
from app.payers.denials.appeals.rules import LIFE as APPEAL_LIFE
from app.payers.denials.appeals.rules import Level, decide_by
from app.payers.denials.appeals.terms import AppealAction, AppealOutcome, AppealState
from app.payers.denials.queries import AppealVersion, DenialVersion
from app.payers.denials.rules import AT_WORK, LIFE, NO_TALK, count, money_text
from app.payers.denials.terms import (
    DenialAction,
    DenialKind,
    DenialOutcome,
    DenialState,
    RootCause,
    TalkOutcome,
)
from app.platform.work import Reading

TONES = {
    DenialState.OPEN: ("amber", "alert"),
    DenialState.TALK: ("blue", "phone"),
    DenialState.APPEALED: ("blue", "mail"),
    DenialState.CLOSED: ("gray", "check"),
    DenialState.STRUCK_OUT: ("gray", "x"),
    DenialState.NONE: ("gray", "ask"),
}
DEEDS = {
    DenialAction.RECORD: "Recorded",
    DenialAction.AMEND: "Corrected",
    DenialAction.ASK_TALK: "Peer-to-peer talk asked for",
    DenialAction.HOLD_TALK: "Talk ended, the denial stands",
    DenialAction.WIN_TALK: "Talk overturned it",
    DenialAction.FORGET_TALK: "Record of the talk taken back",
    DenialAction.FILE_APPEAL: "Appeal under way",
    DenialAction.LOSE_APPEAL: "Decision received",
    DenialAction.WIN_APPEAL: "Appeal overturned it",
    DenialAction.WITHDRAW_APPEAL: "Appeal withdrawn",
    DenialAction.TAKE_BACK: "Last step taken back",
    DenialAction.CLOSE: "Closed",
    DenialAction.REOPEN: "Taken up again",
    DenialAction.STRIKE_OUT: "Struck out",
}
STEPS = {
    AppealAction.PREPARE: "begun",
    AppealAction.SEND: "sent",
    AppealAction.VERIFY: "arrival verified",
    AppealAction.DECIDE: "decided",
    AppealAction.WITHDRAW: "withdrawn",
    AppealAction.TAKE_BACK: "last step taken back",
    AppealAction.STRIKE_OUT: "struck out",
}


def denial_line(one: DenialVersion, stay: Subject, now: datetime) -> dict[str, Any]:
    """A denial in the list of a stay."""
    tone, picture = TONES[DenialState(one.state)]
    outcome = DenialOutcome(one.outcome).label if one.outcome else DenialState(one.state).label.capitalize()
    return {
        "id": str(one.denial_id),
        "what": f"{DenialKind(one.kind).label}, {one.payer}",
        "days": days_words(one, stay, now),
        "amount": money_text(one.amount),
        "state": outcome,
        "tone": "green" if one.outcome == DenialOutcome.OVERTURNED else tone,
        "icon": picture,
        "notice": day_text(stay.day(one.notice_at), stay.day(now)),
        "why": one.reason or one.reason_code,
        "stands": one.state != DenialState.STRUCK_OUT,
    }


def days_words(one: DenialVersion, stay: Subject, now: datetime) -> str:
    """The denied days; empty for none."""
    return ranges_words(one.days, stay.day(now))


def denial_words(one: DenialVersion, db: Reading, stay: Subject, *, may: bool) -> dict[str, Any]:
    """Everything that the page of a denial shows."""
    course = course_of(db, one, stay)
    packets = {packet.id: packet for packet in queries.packets(db, one.denial_id)}
    possible = set(actions(LIFE, DenialState(one.state))) if may else set()
    tone, picture = TONES[DenialState(one.state)]
    return {
        "id": str(one.denial_id),
        "payer": one.payer,
        "kind": DenialKind(one.kind).label,
        "state": DenialState(one.state).label.capitalize(),
        "tone": tone,
        "icon": picture,
        "facts": _facts(one, db, stay),
        "end": _end(one, stay, db.now),
        "can_talk": DenialAction.ASK_TALK in possible and DenialKind(one.kind) not in NO_TALK,
        "can_close": DenialAction.CLOSE in possible,
        "can_reopen": DenialAction.REOPEN in possible,
        "can_amend": DenialAction.AMEND in possible,
        "can_strike": DenialAction.STRIKE_OUT in possible,
        "levels": _levels(one, course, db, stay, may=may),
        "struck": [_appeal_line(found) for found in queries.appeals(db, [one.denial_id])
                   if found.state == AppealState.STRUCK_OUT],
        "packets": [
            {"id": str(key), "made": dated_text(packet.made_at, stay.zone, db.now),
             "by": packet.made_by or "the program",
             "digest": packet.digest, "short": packet.digest[:16], "sections": len(packet.sections),
             "sent": any(found.packet_id == key for found in course.appeals)}
            for key, packet in packets.items()
        ],
        "happened": _happened(db, one, stay),
    }  # fmt: skip


def _facts(one: DenialVersion, db: Reading, stay: Subject) -> list[tuple[str, str]]:
    today = stay.day(db.now)
    received = day_text(one.received_on, today) if one.received_on else "not recorded; presumed by law where it says so"
    cause = RootCause(one.root_cause).label
    reviews = {found.value: found for found in queries.reviews_of(db, one.encounter_id)}
    answers = {found.value: found for found in queries.answers_of(db, one.encounter_id)}
    review, answer = reviews.get(str(one.review_id)), answers.get(str(one.escalation_id))
    facts = [
        ("Days denied", days_words(one, stay, db.now) or "none named"),
        ("Amount at risk", money_text(one.amount) or "not known yet"),
        ("Notice", f"{dated_text(one.notice_at, stay.zone, db.now)}, by {Channel(one.channel).label.lower()}"),
        ("Received", received),
        ("Reference", one.reference),
        ("Payer's reason", " · ".join(part for part in (one.reason_code, one.reason) if part)),
        ("Root cause", f"{cause}: {one.root_cause_words}" if one.root_cause_words else cause),
        ("Who has it", one.owner or "nobody yet"),
        ("Peer-to-peer talk", _talk(one, stay, db.now)),
        ("From the review", choice_words(review.label, review.at, stay, db.now) if review else ""),
        ("From the opinion", choice_words(answer.label, answer.at, stay, db.now) if answer else ""),
    ]
    return [(label, text) for label, text in facts if text]


def choice_words(label: str, at: datetime, stay: Subject, now: datetime) -> str:
    """A review or an opinion in one line."""
    return f"{label.replace('_', ' ').capitalize()}, {dated_text(at, stay.zone, now)}"


def _talk(one: DenialVersion, stay: Subject, now: datetime) -> str:
    parts = [f"asked {dated_text(one.talk_asked_at, stay.zone, now)}" if one.talk_asked_at else "",
             TalkOutcome(one.talk_outcome).label if one.talk_outcome else ""]  # fmt: skip
    return ", ".join(part for part in parts if part)


def _end(one: DenialVersion, stay: Subject, now: datetime) -> str:
    if not one.outcome or one.closed_at is None:
        return ""
    back = back_words(one.recovered_days, money_text(one.recovered_amount))
    return f"{DenialOutcome(one.outcome).label} {dated_text(one.closed_at, stay.zone, now)}{back}"


def back_words(days: int | None, amount: str) -> str:
    """`; 2 days and $4,000.00 came back`; empty where nothing did."""
    parts = [f"{days} day" + ("" if days == 1 else "s") if days else "", amount if amount not in ("", "$0.00") else ""]
    found = " and ".join(part for part in parts if part)
    return f"; {found} came back" if found else ""


def _levels(one: DenialVersion, course: Course, db: Reading, stay: Subject, *, may: bool) -> list[dict[str, Any]]:
    """Every level of the line, with when it is to be filed and what became of it."""
    openings = {opening.level.number: opening for opening in course.openings}
    found = []
    for level in course.levels:
        opening = openings.get(level.number)
        appeals = [appeal for appeal in course.appeals if appeal.level == level.number]
        filed = any(appeal.state != AppealState.WITHDRAWN and appeal.sent_at is not None for appeal in appeals)
        here = may and one.state in AT_WORK and opening is not None and opening is course.opening
        prepared = any(appeal.state == AppealState.PREPARED for appeal in appeals)
        found.append({
            "number": level.number, "name": level.name, "decides": level.decides, "citation": level.citation,
            "due": _due(opening.until, stay, db.now) if opening is not None and not filed else _none(),
            "note": _note(level, opening is not None, opening.enough if opening else True, filed),
            "least": money_text(level.least), "asks_amount": level.asks_amount,
            "can_send": here or (may and prepared), "can_prepare": here and not prepared,
            "appeals": [_appeal_words(appeal, level, db, stay, may=may) for appeal in appeals],
        })  # fmt: skip
    return found


def _none() -> dict[str, str]:
    return {"at": "", "iso": "", "full": "", "tone": "", "relative": ""}


def _due(at: datetime | None, stay: Subject, now: datetime) -> dict[str, str]:
    if at is None:
        return _none()
    late = at < now
    span = duration_text(abs(at - now))
    return {"at": day_text(stay.day(at), stay.day(now)), "iso": iso_text(at, stay.zone),
            "full": full_text(at, stay.zone), "tone": "late" if late else "",
            "relative": f"{span} late" if late else f"in {span}"}  # fmt: skip


def _note(level: Level, is_open: bool, enough: bool, filed: bool) -> str:
    if filed:
        return ""
    if level.automatic:
        return (
            "The plan itself sends the case on. Record it when the plan says so."
            if is_open
            else ("Opens by itself where the plan upholds its denial in whole or in part.")
        )
    if is_open and not enough:
        return "The amount at risk is below what this level asks."
    within = f"to file within {level.file_within}" if level.file_within is not None else ""
    return within if is_open else f"Opens with the decision before it; {within}".rstrip("; ")


def _appeal_line(one: AppealVersion) -> str:
    return f"{one.level_name}: {one.note}" if one.note else one.level_name


def _appeal_words(one: AppealVersion, level: Level, db: Reading, stay: Subject, *, may: bool) -> dict[str, Any]:
    possible = set(actions(APPEAL_LIFE, AppealState(one.state))) if may else set()
    due = decide_by(level, one.sent_at, stay.zone, expedited=one.expedited) if one.sent_at else None
    waits = one.state in (AppealState.SENT, AppealState.VERIFIED)
    outcome = AppealOutcome(one.outcome).label if one.outcome else ""
    back = back_words(one.recovered_days, money_text(one.recovered_amount))
    sent = (one.sent_at is not None and f"Sent {dated_text(one.sent_at, stay.zone, db.now)}") or ""
    lines = [
        ", ".join(part for part in (sent, f"by {Channel(one.channel).label.lower()}" if sent else "",
                                    f"to {one.to_whom}" if one.to_whom else "",
                                    f"tracking {one.tracking}" if one.tracking else "",
                                    "expedited" if one.expedited else "") if part),
        f"Arrival verified {dated_text(one.verified_at, stay.zone, db.now)}"
        + (f" with {one.verified_with}" if one.verified_with else "") if one.verified_at else "",
        f"A decision is due {day_text(stay.day(due), stay.day(db.now))}" if waits and due else "",
        f"{outcome} {day_text(stay.day(one.decided_at), stay.day(db.now))}{back}" if one.decided_at else "",
        one.note,
    ]  # fmt: skip
    return {
        "id": str(one.appeal_id),
        "state": AppealState(one.state).label,
        "tone": {"decided": "gray", "withdrawn": "gray", "prepared": "amber"}.get(one.state, "blue"),
        "lines": [line for line in lines if line],
        "packet": str(one.packet_id) if one.packet_id else "",
        "can_verify": AppealAction.VERIFY in possible,
        "can_decide": AppealAction.DECIDE in possible,
        "can_withdraw": AppealAction.WITHDRAW in possible,
        "can_take_back": AppealAction.TAKE_BACK in possible,
        "can_strike": AppealAction.STRIKE_OUT in possible and one.state == AppealState.PREPARED,
    }


def _happened(db: Reading, one: DenialVersion, stay: Subject) -> list[dict[str, str]]:
    """What was recorded of the denial and its appeals, the latest first."""
    found: list[tuple[datetime, int, dict[str, str]]] = []
    versions = queries.versions(db, one.denial_id)
    for place, version in enumerate(versions):
        before = versions[place + 1] if place + 1 < len(versions) else None
        text = DEEDS[DenialAction(version.action)]
        found.append((version.made_at, 1, _entry(text, _detail(version, before, stay, db.now), version, stay, db.now)))
    for appeal in queries.appeal_history(db, one.denial_id):
        text = f"{appeal.level_name} {STEPS[AppealAction(appeal.action)]}"
        found.append((appeal.made_at, 0, _entry(text, appeal.note, appeal, stay, db.now)))
    return [entry for _, _, entry in sorted(found, key=lambda one: one[:2], reverse=True)]


def _entry(
    text: str, detail: str, version: DenialVersion | AppealVersion, stay: Subject, now: datetime
) -> dict[str, str]:
    return {"text": text, "detail": detail, "by": version.made_by or "the program",
            "at": dated_text(version.made_at, stay.zone, now), "iso": iso_text(version.made_at, stay.zone),
            "full": full_text(version.made_at, stay.zone)}  # fmt: skip


def _detail(version: DenialVersion, before: DenialVersion | None, stay: Subject, now: datetime) -> str:
    """What was said with it; for a correction what was recorded before."""
    if before is None or version.action != DenialAction.AMEND:
        return version.note
    old = [f"{count(before.days)} days" if before.days != version.days else "",
           money_text(before.amount) or "no amount" if before.amount != version.amount else "",
           DenialKind(before.kind).label if before.kind != version.kind else "",
           before.reason if before.reason != version.reason else ""]  # fmt: skip
    was = ", ".join(part for part in old if part)
    return f"{version.note.removesuffix('.')}. Before: {was}" if was else version.note


def options(values: Sequence[Any]) -> list[dict[str, str]]:
    """Words of a list as a form offers them."""
    return [{"value": one.value, "label": one.label} for one in values]
