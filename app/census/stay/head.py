"""The head of a stay for the banner: who it is, what matters now."""

import uuid
from datetime import datetime

from app.census.stay.figure import class_word, place_text
from app.census.stay.queries import Opened, Stay, course_of, movements_of, opened_for, stay_of, units_of
from app.census.stay.timeline import Course, counts, stay_day
from app.census.stay.words import SENSITIVITIES, SEXES, disposition_text
from app.census.terms import EncounterStatus, PatientClass, Sensitivity
from app.kernel.days import local_day
from app.kernel.wording import age_text, birth_text, dated_text, full_text, iso_text, moment_text, running_text
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.stay import BannerFact, ChipText, StayHead

MOST_CHIPS = 3


def stay_head(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> StayHead:
    """The head of one stay; NotFound outside the reader's scope."""
    stay = stay_of(db, encounter_id)
    units = units_of(db, stay.facility_id)
    course = course_of(stay, movements_of(db, encounter_id), units, db.now)
    names = {unit.code: unit.name for unit in units if unit.name}
    opened = _opened(db, viewer, stay)
    return StayHead(
        id=stay.id, facility_id=stay.facility_id, patient_id=stay.patient_id, name=stay.name,
        identity=identity_text(stay, db.now), chips=_chips(stay, names, db.now)[:MOST_CHIPS],
        facts=_facts(stay, course, names, db.now), notice=_notice(stay, opened, db.now),
        open_until=opened.until.isoformat() if opened and opened.until else "",
        closes_at=f"/encounters/{stay.id}/glass/end" if opened and db.as_of is None else "",
    )  # fmt: skip


def identity_text(stay: Stay, now: datetime) -> str:
    """`66 M · born 12 Jun 1959 · MRN 0048213 · visit 7730921`."""
    who = " ".join(
        part for part in (age_text(stay.birth_text, local_day(now, stay.zone)), SEXES.get(stay.sex, stay.sex)) if part
    )
    born = f"born {birth_text(stay.birth_text)}" if stay.birth_text else ""
    record = f"MRN {stay.number}" + (f" ({stay.authority})" if stay.authority != stay.own_authority else "")
    visit = stay.visit_number.removeprefix("ACCT:")
    called = "account" if stay.visit_number.startswith("ACCT:") else "visit"
    return " · ".join(part for part in (who, born, record, f"{called} {visit}") if part)


def _chips(stay: Stay, units: dict[str, str], now: datetime) -> list[ChipText]:
    chips = []
    if stay.status == EncounterStatus.CANCELLED:
        chips.append(ChipText("cancelled", "red", "x"))
    if stay.sensitivity:
        chips.append(
            ChipText(f"protected: {SENSITIVITIES[Sensitivity(stay.sensitivity)].split(' (')[0]}", "red", "lock")
        )
    if stay.status == EncounterStatus.DISCHARGED:
        chips.append(ChipText("discharged", "gray", "home"))
    if stay.status == EncounterStatus.PREADMIT:
        chips.append(ChipText("not here yet", "gray", "clock"))
    if stay.status == EncounterStatus.ON_LEAVE:
        chips.append(ChipText("on leave", "amber", "arrow"))
    if stay.open and stay.patient_class == PatientClass.OBSERVATION:
        chips.append(ChipText("observation", "amber", "hour"))
    if stay.open and stay.pending_kind == "discharge":
        chips.append(ChipText("discharge ordered", "blue", "home"))
    if stay.open and stay.pending_kind == "transfer":
        chips.append(ChipText(f"to {place_text(stay.pending_location, units)}", "blue", "arrow"))
    if stay.inferred:
        chips.append(ChipText("admission not received", "gray", "ask"))
    return chips


def _facts(stay: Stay, course: Course, units: dict[str, str], now: datetime) -> list[BannerFact]:
    place = place_text(stay.location or stay.last_location, units)
    facts = [
        BannerFact("Bed" if stay.location else "Last bed", place or "none"),
        _class_fact(stay, course),
        _day_fact(stay, course),
        _leaving_fact(stay, now),
        BannerFact("Payer", stay.payer_name or stay.payer_code or "not sent"),
        BannerFact("Attending", stay.attending_name or stay.attending_number or "not sent"),
    ]
    return [fact for fact in facts if fact.value]


def _class_fact(stay: Stay, course: Course) -> BannerFact:
    sums = counts(course)
    if not sums.observation:
        return BannerFact("Class", class_word(stay.patient_class))
    total = running_text(sums.observation)
    if not sums.observation_open:
        before = "" if stay.patient_class == PatientClass.OBSERVATION else "observation "
        return BannerFact(
            "Class", class_word(stay.patient_class), f"{before}{'at least ' if sums.at_least else ''}{total}", "muted"
        )
    # What was observed before counts too: the clock runs from where all of it, without a break, would have begun.
    begun = course.end - sums.observation
    full = f"observation hours in all, since {full_text(stay.observation_at or begun, stay.zone)}"
    return BannerFact("Class", class_word(stay.patient_class), total, "soon", iso_text(begun, stay.zone), full)


def _day_fact(stay: Stay, course: Course) -> BannerFact:
    day = stay_day(course)
    if not day:
        return BannerFact("Stay", "")
    of = f" of GMLOS {stay.gmlos:g}" if stay.gmlos is not None else ""
    late = stay.gmlos is not None and day > stay.gmlos
    return BannerFact("Stay", f"Day {day}{of}", "past GMLOS" if late and stay.open else "", "late")


def _leaving_fact(stay: Stay, now: datetime) -> BannerFact:
    if stay.discharge_at is not None and stay.status == EncounterStatus.DISCHARGED:
        left = dated_text(stay.discharge_at, stay.zone, now, precise=stay.discharge_precise)
        return BannerFact("Left", ", ".join(part for part in (left, disposition_text(stay.disposition)) if part))
    if not stay.open:
        return BannerFact("Expected (EDD)", "")
    if stay.expected_discharge_at is None:
        return BannerFact("Expected (EDD)", "not sent")
    passed = stay.expected_discharge_at < now
    # A feed that sends a day alone means the whole day.
    precise = stay.expected_discharge_at.astimezone(stay.zone).time().replace(tzinfo=None).isoformat() != "00:00:00"
    text = dated_text(stay.expected_discharge_at, stay.zone, now, precise=precise)
    late = passed and (precise or local_day(stay.expected_discharge_at, stay.zone) < local_day(now, stay.zone))
    return BannerFact("Expected (EDD)", text, "passed" if late else "", "late")


def _opened(db: Reading, viewer: Viewer, stay: Stay) -> Opened | None:
    """How this person broke the glass of this stay, while that lasts."""
    if not stay.sensitivity or stay.facility_id in viewer.scope.sensitive:
        return None
    opened = opened_for(db, stay.id, viewer.user_id)
    return opened if opened is not None and opened.kind == "glass" else None


def _notice(stay: Stay, opened: Opened | None, now: datetime) -> str:
    if opened is None:
        return ""
    until = f" until {moment_text(opened.until, stay.zone, now)}" if opened.until else ""
    return f"You opened this protected stay with a reason{until}. What you see and do here is reported to privacy."
