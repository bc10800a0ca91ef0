"""Referrals as pages show them: rows, the sheet of one, figures of sources."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from app.clocks.terms import Line
from app.kernel.days import ONE_DAY, local_day
from app.kernel.wording import age_text, clock_text, dated_text, day_text, duration_text, moment_text
from app.ltac.screening.queries import Authorized, Happened, Referral, Screened, rate_of
from app.ltac.screening.rules import Judged, benefit_words, short_of_days, third_day
from app.ltac.screening.statistics import SourceLine
from app.ltac.screening.terms import (
    DaysSource,
    DeclineReason,
    EndReason,
    Figure,
    Need,
    PayerState,
    Rate,
    ReferralAction,
    ReferralState,
)
from app.platform.work import Reading

TONES = {
    Rate.STANDARD: ("green", "check"), Rate.AT_RISK: ("amber", "ask"), Rate.SITE_NEUTRAL: ("red", "x"),
    Rate.NOT_MEDICARE: ("gray", "shield"),
}  # fmt: skip
STATES = {
    ReferralState.RECEIVED: ("blue", "in"), ReferralState.SCREENING: ("gray", "clock"),
    ReferralState.ACCEPTED: ("green", "check"), ReferralState.DECLINED: ("gray", "x"),
    ReferralState.WITHDRAWN: ("gray", "undo"), ReferralState.LOST: ("amber", "swap"),
    ReferralState.ADMITTED: ("green", "bed"),
}  # fmt: skip
LINES = {
    Line.MEDICARE_FFS: "Medicare A/B", Line.MEDICARE_ADVANTAGE: "Medicare Advantage", Line.MEDICAID_FFS: "Medicaid",
    Line.MEDICAID_MCO: "Medicaid plan", Line.COMMERCIAL: "Commercial", Line.SELF_PAY: "Self-pay", Line.OTHER: "Other",
}  # fmt: skip
_PAYER = {PayerState.ASKED: "auth asked", PayerState.DENIED: "auth denied", PayerState.NOT_REQUIRED: "no auth needed"}


def choices(words: Iterable[Any], first: str | None = None) -> list[dict[str, str]]:
    """Choices of a field by their labels; with `first` an empty one before them."""
    made = [{"value": one.value, "label": one.label} for one in words]
    return made if first is None else [{"value": "", "label": first}, *made]


def lines_of_business() -> list[dict[str, str]]:
    """Who may pay."""
    return [{"value": "", "label": "by the payer's name"}] + [
        {"value": line.value, "label": label} for line, label in LINES.items()
    ]


def name_of(one: Referral) -> str:
    """`Rourke, Denise`."""
    return f"{one.family}, {one.given}"


def age_of(one: Referral, today: date) -> str:
    """`67 F`."""
    return f"{age_text(one.birth.strftime('%Y%m%d'), today)} {one.sex}".strip()


def row(one: Referral, told: Screened | None, paid: Authorized | None, db: Reading) -> dict[str, Any]:
    """One referral in a list."""
    zone = ZoneInfo(one.timezone)
    today = local_day(db.now, zone)
    found = rate_of(one, told, today)
    tone, picture = TONES[found.rate]
    return {
        "href": f"/ltac/referrals/{one.id}", "serial": one.serial, "name": name_of(one), "age": age_of(one, today),
        "from": one.from_name, "place": one.from_place, "need": _need(one, told),
        "evidence": {"text": found.brief, "tone": tone, "icon": picture},
        "payer": _payer(one, told, paid), "deed": "Screen" if one.stands.waits else "Open",
        **_answer(one, zone, db),
    }  # fmt: skip


def _need(one: Referral, told: Screened | None) -> str:
    """The reasons, with the day on the ventilator where it was told."""
    words = [Need(need).label.lower() if need != Need.IV_THERAPY else "IV therapy" for need in one.needs]
    if told is not None:
        words += [] if told.ventilator_day is None else [f"vent day {told.ventilator_day}"]
        words += ["trach"] if told.trach == "yes" else []
    return ", ".join(dict.fromkeys(words)) or "not told"


def _payer(one: Referral, told: Screened | None, paid: Authorized | None) -> str:
    words = [one.payer_name or (LINES[one.who_pays] if one.who_pays else "payer not told")]
    if told is not None and (days := benefit_words(told.benefit_left, told.reserve_left)):
        words.append(days)
    if paid is not None:
        granted = "" if paid.days is None else f" {paid.days} d"
        words.append(_PAYER.get(paid.state, f"auth {paid.payer_number}{granted}"))
    return ", ".join(words)


def _answer(one: Referral, zone: ZoneInfo, db: Reading) -> dict[str, str]:
    """When the answer is due, or where the referral stands by now."""
    if one.stands.waits:
        day, today = local_day(one.answer_by, zone), local_day(db.now, zone)
        clock = clock_text(one.answer_by, zone)
        text = f"today {clock}" if day == today else moment_text(one.answer_by, zone, db.now)
        tone = "late" if one.answer_by < db.now else "soon" if day == today else ""
        late = f"{duration_text(db.now - one.answer_by)} late" if tone == "late" else ""
        return {"due": text, "tone": tone, "state": late}
    at = "" if one.stepped_at is None else dated_text(one.stepped_at, zone, db.now)
    return {"due": at, "tone": "", "state": _state_words(one)}


def _state_words(one: Referral) -> str:
    reason = _reason_words(one.action, one.reason)
    return one.stands.value + (f": {reason[0].lower()}{reason[1:]}" if reason and not one.stands.open else "")


def _reason_words(action: str, reason: str) -> str:
    if action == ReferralAction.DECLINE and reason:
        return DeclineReason(reason).label
    if action == ReferralAction.WITHDRAW and reason:
        return EndReason(reason).label
    return reason


def rate_card(found: Judged, told: Screened | None, today: date) -> dict[str, Any]:
    """What the evidence comes to, with the third day in intensive care and a warning about days of the benefit."""
    tone, picture = TONES[found.rate]
    days = None if told is None else told.intensive
    third = third_day(days or ())
    facts = []
    if days is not None and told is not None:
        origin = "from ADT" if told.intensive_source is DaysSource.ADT else "as told"
        facts.append({"label": "ICU days", "value": f"{len(days)}, {origin}: {_days_text(days, today)}" if days else
                      f"none, {origin}"})  # fmt: skip
        facts.append({"label": "ICU day 3 reached on", "value": day_text(third, today) if third else "not reached"})
    if told is not None and told.ventilator_hours is not None:
        basis = f" ({told.ventilator_basis})" if told.ventilator_basis else ""
        facts.append({"label": "Ventilator expected", "value": f"{told.ventilator_hours} h{basis}"})
    if told is not None and (words := benefit_words(told.benefit_left, told.reserve_left)):
        source = f" ({told.benefit_source})" if told.benefit_source else ""
        facts.append({"label": "Benefit", "value": f"{words}{source}"})
    warning = "" if told is None else short_of_days(told.benefit_left, told.reserve_left, told.expected_days)
    return {
        "chip": {"text": found.brief, "tone": tone, "icon": picture}, "label": found.rate.label,
        "because": found.because, "citation": found.citation, "missing": list(found.missing), "facts": facts,
        "warning": warning,
    }  # fmt: skip


def _days_text(days: Sequence[date], today: date) -> str:
    runs = [(first, last) for first, last in _runs(days)]
    return ", ".join(
        day_text(first, today) if first == last else f"{day_text(first, today)} to {day_text(last, today)}"
        for first, last in runs
    )


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days one after the other as pairs of first and last."""
    made: list[tuple[date, date]] = []
    for day in sorted(days):
        if made and day - made[-1][1] == ONE_DAY:
            made[-1] = (made[-1][0], day)
        else:
            made.append((day, day))
    return made


def screening_given(told: Screened | None) -> dict[str, str]:
    """What the form of the screening shows before somebody types."""
    if told is None:
        return {}
    given = {name: _text(getattr(told, name)) for name in _SHOWN}
    given["still_intensive"] = "on" if told.still_intensive else ""
    if told.intensive is not None:
        given["intensive"] = "days" if told.intensive else "none"
        runs = _runs(told.intensive)
        if runs:
            given["intensive_first"], given["intensive_last"] = (day.isoformat() for day in runs[0])
            rest = [day for day in sorted(told.intensive) if day > runs[0][1]]
            given["intensive_more"] = ", ".join(day.isoformat() for day in rest)
    return given


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.value if isinstance(value, StrEnum) else str(value)


_SHOWN = (
    "acute", "direct", "excluded", "ventilator_hours", "ventilator_basis", "benefit_left", "reserve_left",
    "benefit_source", "ventilator_day", "trach", "dialysis", "wounds", "lines", "isolation", "expected_days",
    "complex", "advice", "remark",
)  # fmt: skip


def referral_given(one: Referral) -> dict[str, str]:
    """What the form of a correction shows before somebody types."""
    zone = ZoneInfo(one.timezone)
    local = one.answer_by.astimezone(zone)
    names = (
        "family", "given", "sex", "record_number", "from_name", "from_ccn", "from_place", "contact", "contact_reach",
        "line", "payer_name", "member_number", "drg", "note",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names} | {
        "birth": one.birth.isoformat(), "wanted_on": "" if one.wanted_on is None else one.wanted_on.isoformat(),
        "answer_on": local.date().isoformat(), "answer_at": f"{local:%H:%M}", "needs": " ".join(one.needs),
    }  # fmt: skip


def facts_of(one: Referral, db: Reading) -> list[dict[str, str]]:
    """What the referrer told, in pairs."""
    zone = ZoneInfo(one.timezone)
    today = local_day(db.now, zone)
    pairs = {
        "Born": f"{one.birth:%-d %b %Y}", "MRN": one.record_number,
        "From": ", ".join(part for part in (one.from_name, one.from_place) if part), "CCN": one.from_ccn,
        "Contact": ", ".join(part for part in (one.contact, one.contact_reach) if part),
        "Received": dated_text(one.received_at, zone, db.now),
        "Bed wanted": "" if one.wanted_on is None else day_text(one.wanted_on, today),
        "Payer": _payer_and_line(one),
        "Member": one.member_number, "DRG expected": one.drg, "Note": one.note,
    }  # fmt: skip
    return [{"label": label, "value": value} for label, value in pairs.items() if value]


def _payer_and_line(one: Referral) -> str:
    words = [one.payer_name, LINES[one.who_pays] if one.who_pays else ""]
    return ", ".join(dict.fromkeys(word for word in words if word))


def standing(one: Referral, db: Reading) -> dict[str, Any]:
    """Where the referral stands, in a chip and a sentence."""
    zone = ZoneInfo(one.timezone)
    tone, picture = STATES[one.stands]
    said = [_reason_words(one.action, one.reason), one.said]
    if one.bed:
        said.append(f"bed {one.bed}")
    if one.bed_on is not None:
        said.append(f"for {day_text(one.bed_on, local_day(db.now, zone))}")
    at = "" if one.stepped_at is None else dated_text(one.stepped_at, zone, db.now)
    by = f" by {one.stepped_by_name}" if one.stepped_by_name else ""
    return {
        "chip": {"text": one.stands.value, "tone": tone, "icon": picture},
        "said": "; ".join(part for part in said if part), "when": f"{at}{by}" if at else "",
        "waits": one.stands.waits, "open": one.stands.open, "accepted": one.stands is ReferralState.ACCEPTED,
        "admitted": one.stands is ReferralState.ADMITTED, "received": one.stands is ReferralState.RECEIVED,
        **_answer(one, zone, db),
    }  # fmt: skip


def condition_of(told: Screened | None) -> list[dict[str, str]]:
    """What was screened of the patient's condition, in pairs; the evidence for the rate has a card of its own."""
    if told is None:
        return []
    pairs = {
        "Day on the ventilator": _text(told.ventilator_day), "Tracheostomy": told.trach.value,
        "Dialysis": told.dialysis.value, "Wounds": told.wounds, "Lines and tubes": told.lines,
        "Isolation": told.isolation, "Expected days here": _text(told.expected_days),
        "Medically complex": told.complex.value, "Recommended": told.advice.label if told.advice.value else "",
        "Remark": told.remark,
    }  # fmt: skip
    return [{"label": label, "value": value} for label, value in pairs.items() if value]


_KINDS = {
    "version": {"received": "Received", "corrected": "Corrected"},
    "screening": {"told": "Screening recorded", "adt": "ICU days taken from ADT"},
    "payer": {state.value: f"Payer: {state.label.lower()}" for state in PayerState},
    "step": {
        "accept": "Accepted", "decline": "Declined", "withdraw": "Taken back by the referrer",
        "lose": "Lost to another hospital", "reopen": "Opened again", "admit": "Admitted here",
        "unlink": "Stay unlinked",
    },
}  # fmt: skip


def history_lines(found: Sequence[Happened], zone: ZoneInfo, db: Reading) -> list[dict[str, Any]]:
    """The history as lines."""
    return [
        {
            "at": dated_text(one.at, zone, db.now), "who": one.who or "by itself", "what": _KINDS[one.kind][one.what],
            "said": _coded(one), "undone": one.undone,
        }
        for one in found
    ]  # fmt: skip


def _coded(one: Happened) -> str:
    first, _, rest = one.said.partition("; ")
    return "; ".join(part for part in (_reason_words(one.what, first), rest) if part)


def source_row(line: SourceLine, period: Mapping[str, str]) -> dict[str, Any]:
    """The figures of a referring hospital, each with the address of its list."""

    def cell(figure: Figure, **more: str) -> dict[str, Any]:
        asked = {**period, "figure": figure.value, **({"source": line.key} if line.key else {}), **more}
        return {"count": line.counts[figure], "href": f"/ltac/referrals?{urlencode(asked)}"}

    medicare = line.counts[Figure.MEDICARE]
    hours = line.median_hours
    return {
        "name": line.name, **{figure.value: cell(figure) for figure in Figure},
        "reasons": [
            {"text": reason.label, **cell(Figure.DECLINED, reason=reason.value), "count": count}
            for reason, count in line.declined
        ],
        "hours": "" if hours is None else f"{hours:.1f}",
        "share": f"{100 * line.counts[Figure.EVIDENCE] / medicare:.0f} %" if medicare else "",
    }  # fmt: skip
