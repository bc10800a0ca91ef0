"""Payment days in words: the threshold beside readiness, absences and ladder, proof of the rate, benefit days."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app.kernel.days import local_day
from app.kernel.wording import dated_text, day_text, duration_text, full_text, iso_text
from app.ltac.days.gather import Entry
from app.ltac.days.queries import PaymentDays, standing
from app.ltac.days.rules.entries import about_absence
from app.ltac.days.terms import (
    Absence,
    BenefitPosition,
    DayKind,
    Destination,
    EntryKind,
    Rate,
    ReserveChoice,
    Rung,
    Told,
    Verdict,
)
from app.platform.work import Reading
from app.web.forms import FormState

BAR = 166
"""Width of the bar of days, in units of its drawing."""
_TONES = {Rate.STANDARD: "green", Rate.SITE_NEUTRAL: "red", Rate.NOT_PROVED: "amber", Rate.NOT_FFS: "gray"}
_ICONS = {Rate.STANDARD: "check", Rate.SITE_NEUTRAL: "x", Rate.NOT_PROVED: "ask", Rate.NOT_FFS: "shield"}
_VERDICTS = {
    Verdict.AWAY: ("away, may come back", "amber", "hour"),
    Verdict.SHORT: ("same stay", "gray", "link"),
    Verdict.LONG: ("same stay, one payment", "gray", "link"),
    Verdict.NEW: ("new stay", "gray", "swap"),
    Verdict.ENDED: ("a return is a new stay", "gray", "x"),
    Verdict.UNDECIDED: ("say where the patient was", "red", "ask"),
}
_ANSWERS = (("", "Not known"), ("yes", "Yes"), ("no", "No"))
_LEFT = {"full": "Full days left", "coinsurance": "Coinsurance days left", "reserve": "Lifetime reserve days left"}


def threshold_words(one: PaymentDays, now: datetime) -> dict[str, Any]:
    """What the macro of `ltac/_threshold.html` draws: readiness first, then days. There is no other way to show it."""
    since, to = one.readiness.since, one.readiness.destination
    ready = f"Medically ready since {dated_text(since, one.zone, now)}" if since else "Not medically ready"
    ready = f"{ready}; planned: {to}" if to else ready
    days = f"covered day {one.covered_days}"
    known = one.threshold_day is not None
    most = max(one.covered_days, one.threshold_day or 0, 1) * 1.25
    line = f"{days} · short-stay threshold passed from day {one.threshold_day}" if known else days
    return {
        "ready": since is not None, "readiness": ready, "line": line, "known": known, "why": one.why_unknown,
        "bar": round(BAR * one.covered_days / most), "mark": round(2 + BAR * (one.threshold_day or 0) / most),
        "name": f"{ready}; {line}",
    }  # fmt: skip


def threshold_facts(one: PaymentDays, now: datetime) -> list[tuple[str, str]]:
    """What stands behind the threshold, for the page of the stay."""
    found, today = one.threshold, local_day(now, one.zone)
    facts = [("Covered days", _days(one.covered_days)), ("Calendar day of the stay", str(one.day))]
    if one.days_away:
        facts.append(("Days away, left out", _days(one.days_away)))
    if one.noncovered_days:
        facts.append(("Not covered", _days(one.noncovered_days)))
    if found.last_short_day is not None and found.mean is not None:
        facts.append(
            ("Payment group", f"{found.drg}, geometric mean {found.mean:g} d, fiscal year {found.fiscal_year}")
        )
        facts.append(("Short stay", f"up to {_days(found.last_short_day)}, five sixths of the mean (42 CFR 412.529)"))
    if one.threshold_on is not None and one.threshold_on >= today:
        facts.append(("First day past it", f"{day_text(one.threshold_on, today)}, without a break until then"))
    return facts


def absence_words(gap: Absence, one: PaymentDays, now: datetime, form: FormState) -> dict[str, Any]:
    """One absence with its ladder, and the form that says where the patient was."""
    chip, tone, icon = _VERDICTS[gap.verdict]
    rung = gap.next_rung(now) if gap.back_at is None else None
    left = f"{duration_text(rung.until - now)} left" if rung is not None and rung.until is not None else ""
    numbers = dict(one.stay.visits)
    return {
        "title": f"Left {dated_text(gap.left_at, one.zone, now)}",
        "when": {"text": dated_text(gap.left_at, one.zone, now), "iso": iso_text(gap.left_at, one.zone),
                 "full": full_text(gap.left_at, one.zone)},
        "to": gap.to.label, "chip": {"text": chip, "tone": tone, "icon": icon},
        "back": (f"back {dated_text(gap.back_at, one.zone, now)}, " if gap.back_at else "now ") + f"day {gap.day}",
        "left": left,
        "visits": f"visit {numbers.get(gap.from_key, 'before')} and {numbers.get(gap.to_key, 'a new one')}"
        if gap.two_visits and gap.to_key else "",
        "ladder": [_rung(step, rung, one, now) for step in gap.ladder],
        "form": form,
    }  # fmt: skip


def _rung(step: Rung, upcoming: Rung | None, one: PaymentDays, now: datetime) -> dict[str, Any]:
    if step.last_day is None:
        return {"by": "later", "words": step.words, "next": False}
    today = local_day(now, one.zone)
    by = f"{day_text(step.last_day, today)} 24:00, day {step.number}"
    return {"by": by, "words": step.words, "next": step == upcoming}


def rate_words(one: PaymentDays) -> dict[str, Any]:
    """The rate with its proof."""
    found = one.site_neutral
    return {
        "chip": {"text": found.status.label, "tone": _TONES[found.status], "icon": _ICONS[found.status]},
        "because": found.because, "proof": list(found.proof), "missing": list(found.missing),
        "sources": "; ".join(one.evidence_sources),
    }  # fmt: skip


def benefit_words(one: PaymentDays, now: datetime) -> dict[str, Any]:
    """The position of benefit days, or why there is none."""
    found = one.benefit
    if found is None or found.today is None:
        return {"known": False, "why": one.why_no_benefit, "facts": [], "warnings": []}
    return {"known": True, "why": "", "facts": _benefit_facts(found, local_day(now, one.zone)),
            "warnings": list(found.warnings)}  # fmt: skip


def _benefit_facts(found: BenefitPosition, today: date) -> list[tuple[str, str]]:
    last = found.today
    assert last is not None, "asked for after the check"
    counts = {kind: sum(1 for one in found.days if one.kind is kind) for kind in DayKind}
    facts = [
        ("Today", f"day {last.number} of the benefit period, a {last.kind.label}"
         if last.kind is not DayKind.EXHAUSTED else "benefits exhausted"),
        ("Benefit period since", day_text(found.period_began, today)),
        ("Days of this stay", ", ".join(_counted(kind, count) for kind, count in counts.items() if count)),
    ]  # fmt: skip
    facts += [(_LEFT[name], str(count)) for name, count in found.left.items()]
    if found.nursing_left is not None:
        facts.append(("Nursing-facility days left", str(found.nursing_left)))
    if found.psychiatric_left is not None:
        facts.append(("Psychiatric lifetime days left", str(found.psychiatric_left)))
    owes = found.why_owes_unknown if found.owes is None else f"${found.owes:,}"
    facts.append(("Patient owes so far", owes + (" with the deductible" if found.new_period and found.owes else "")))
    elsewhere = sum(1 for one in found.days if one.elsewhere)
    if elsewhere:
        facts.append(("Spent in another hospital", f"{_days(elsewhere)}; they use days and are not owed here"))
    return facts + [(f"First {kind.label}" if kind is not DayKind.EXHAUSTED else "Part A ends", day_text(on, today))
                    for kind, on in found.ahead]  # fmt: skip


def _counted(kind: DayKind, count: int) -> str:
    """`60 full days`, `3 days not covered`."""
    if kind is DayKind.EXHAUSTED:
        return f"{_days(count)} not covered"
    return f"{count} {kind.label}{'' if count == 1 else 's'}"


def entry_words(one: Entry, days: PaymentDays, now: datetime) -> dict[str, Any]:
    """A record as the page lists it."""
    zone = days.zone
    ended = ""
    if one.ended_at is not None:
        how = one.ended_because.replace("_", " ")
        ended = f"{how} {dated_text(one.ended_at, zone, now)} by {one.ended_by or 'the program'}"
        ended += f": {one.ended_reason}" if one.ended_reason else ""
    return {
        "id": str(one.entry_id), "name": one.kind.label, "stands": one.stands, "facts": _facts(one, days, now),
        "by": f"entered {dated_text(one.made_at, zone, now)} by {one.made_by or 'the program'}", "ended": ended,
    }  # fmt: skip


_NAMES = {
    "as_of": "Checked on", "source": "Told by", "used": "Hospital days used", "reserve_left": "Reserve days left",
    "period_began": "Benefit period began", "last_out": "Last left a hospital or nursing facility",
    "nursing_used": "Nursing-facility days used", "psychiatric_left": "Psychiatric lifetime days left",
    "choice": "Choice", "told_on": "Told on", "agreed_with": "Agreed with",
    "preceded": "Directly from an acute hospital", "intensive_days": "Days in intensive care before",
    "ventilator_hours": "Hours on a ventilator here", "excluded": "Psychiatric or rehabilitation diagnosis",
    "to": "Was at", "place": "Name of the place", "note": "Note",
}  # fmt: skip


def _facts(one: Entry, days: PaymentDays, now: datetime) -> list[tuple[str, str]]:
    found = []
    if one.about:
        found.append(("Absence since", dated_text(datetime.fromisoformat(one.about), days.zone, now)))
    for name, label in _NAMES.items():
        value = one.content.get(name)
        if value not in (None, ""):
            found.append((label, _text(one.kind, name, value, local_day(now, days.zone))))
    return found


def _text(kind: EntryKind, name: str, value: Any, today: date) -> str:
    if name in ("as_of", "period_began", "last_out", "told_on"):
        return day_text(date.fromisoformat(value), today)
    if name == "to":
        return Destination(value).label
    if name == "choice":
        return ReserveChoice(value).label
    return Told(value).label if name == "source" and kind is EntryKind.EARLIER_USE else str(value)


def form_of(kind: EntryKind, entry: Entry | None, today: date) -> FormState:
    """A form with what is recorded, or as it usually begins."""
    usual: Mapping[EntryKind, dict[str, str]] = {
        EntryKind.EARLIER_USE: {"as_of": today.isoformat(), "used": "0", "reserve_left": "60", "source": "eligibility"},
        EntryKind.RESERVE_CHOICE: {"told_on": today.isoformat()},
    }
    if entry is None:
        return FormState(given=dict(usual.get(kind, {})), id=kind.value)
    given = {name: "" if value is None else str(value) for name, value in entry.content.items()}
    return FormState(given=given, id=kind.value)


def tab_context(
    one: PaymentDays, entries: Sequence[Entry], now: datetime, refused: FormState, about: str = ""
) -> dict[str, Any]:
    """Everything of the tab but what the viewer may do. `refused` is a form that could not be carried out, if any;
    `about` the absence that it is about."""
    today, keys = local_day(now, one.zone), {key for key, _ in one.stay.visits}
    latest = {entry.kind: entry for entry in entries if entry.stands and entry.encounter_id in keys}
    forms = {
        kind.value: refused if refused.id == kind.value else form_of(kind, latest.get(kind), today)
        for kind in (EntryKind.EARLIER_USE, EntryKind.RESERVE_CHOICE, EntryKind.EVIDENCE)
    }
    away = {entry.about: entry for entry in entries if entry.stands and entry.kind is EntryKind.AWAY}
    absences = []
    gaps = [gap for gap in (one.stay.earlier, *one.stay.absences) if gap is not None]
    for number, gap in enumerate(gaps):
        key = about_absence(gap.left_at)
        form = refused if refused.id == "away" and about == key else form_of(EntryKind.AWAY, away.get(key), today)
        form = FormState(form.given, form.errors, f"away{number}")
        absences.append({**absence_words(gap, one, now, form), "about": key})
    return {
        "stay_id": str(one.encounter_id), "threshold": threshold_words(one, now),
        "threshold_facts": threshold_facts(one, now), "absences": list(reversed(absences)),
        "visits": [number for _, number in one.stay.visits], "rate": rate_words(one),
        "benefit": benefit_words(one, now), "forms": forms, "refused": refused,
        "records": [entry_words(entry, one, now) for entry in reversed(entries)],
        "choices": _choices(),
    }  # fmt: skip


def _choices() -> dict[str, list[dict[str, str]]]:
    places = sorted(Destination, key=lambda one: one is not Destination.UNKNOWN)
    return {
        "to": [{"value": one.value, "label": one.label} for one in places],
        "told": [{"value": one.value, "label": one.label} for one in Told],
        "reserve": [{"value": one.value, "label": one.label} for one in ReserveChoice],
        "answer": [
            {"value": "", "label": "Not known"},
            {"value": "yes", "label": "Yes"},
            {"value": "no", "label": "No"},
        ],
    }


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def brief_lines(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """Until when a return is the same stay, what benefit days warn of, a rate that is not proved yet."""
    found: dict[uuid.UUID, list[str]] = {}
    for key, one in standing(db, stays).items():
        lines = list(one.benefit.warnings) if one.benefit else []
        rung = one.interruption.next_rung(db.now) if one.interruption else None
        if one.interruption is not None and rung is not None and rung.last_day is not None:
            by = day_text(rung.last_day, local_day(db.now, one.zone))
            lines.insert(0, f"Away at: {one.interruption.to.label.lower()}; back by {by} 24:00 is the same stay")
        if one.site_neutral.status is Rate.NOT_PROVED:
            lines.append(f"Payment rate: {one.site_neutral.because}")
        if lines:
            found[key] = lines
    return found
