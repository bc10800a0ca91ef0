"""Values as they stand in segments: dates, periods, quantities, names. What cannot be read gives None and a finding."""

from datetime import date, datetime, time

from app.interop.x12.loops import Level, LevelKind
from app.interop.x12.segments import Segment
from app.interop.x12.terms import Finding, Organization, Person, Practitioner
from app.payers.requests.terms import Days


class Notes(list[Finding]):
    """Findings as they are made."""

    def severe(self, segment: Segment, sentence: str) -> None:
        """People must look before anything follows from this."""
        self.append(Finding(segment.number, sentence))

    def mild(self, segment: Segment, sentence: str) -> None:
        """Worth saying; the meaning is certain all the same."""
        self.append(Finding(segment.number, sentence, severe=False))


def day(text: str) -> date | None:
    """A date of form D8 (YYYYMMDD)."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def moment(day_text: str, time_text: str) -> datetime | None:
    """A date with HHMM or HHMMSS, of a clock whose zone is not said."""
    found = day(day_text)
    digits = time_text[:6]
    if found is None or len(digits) not in (4, 6) or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return datetime.combine(found, time(int(digits[:2]), int(digits[2:4]), int(digits[4:] or 0)))
    except ValueError:
        return None


def one_day(level: Level, notes: Notes, qualifier: str) -> date | None:
    """A DTP segment that names a single day (D8), or a minute of it (DT)."""
    segment = level.qualified("DTP", qualifier)
    if segment is None or segment.get(2) == "RD8":
        return None
    text = segment.get(3)[:8] if segment.get(2) == "DT" else segment.get(3)
    found = day(text) if segment.get(2) in ("D8", "DT") else None
    if found is None:
        notes.severe(segment, f"DTP {qualifier} holds no date that can be read.")
    return found


def period(level: Level, notes: Notes, qualifier: str) -> Days | None:
    """A DTP segment that names a period (RD8): from a day until a day, which is not counted itself."""
    segment = level.qualified("DTP", qualifier)
    if segment is None or segment.get(2) != "RD8":
        return None
    first_text, _, until_text = segment.get(3).partition("-")
    first, until = day(first_text), day(until_text)
    if first is None or until is None:
        notes.severe(segment, f"DTP {qualifier} holds no period that can be read.")
        return None
    if until <= first:
        notes.severe(segment, f"The period in DTP {qualifier} ends before it holds a whole day.")
        return None
    return Days(first, until)


def days_counted(level: Level, notes: Notes) -> int | None:
    """HSD with unit DY: a number of days. Other units of a stay are left to people; services may have them."""
    found: list[int] = []
    for segment in level.all("HSD"):
        unit, text = segment.get(1), segment.get(2)
        if unit != "DY":
            if (unit or text) and level.kind is LevelKind.EVENT:
                notes.severe(segment, "HSD counts in another unit than days.")
            continue
        whole, _, rest = text.partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) <= 4) or rest.strip("0"):
            notes.severe(segment, "HSD holds no whole number of days.")
            continue
        found.append(int(whole))
    if len(set(found)) > 1:
        notes.severe(level.head, "The answer names two different numbers of days.")
        return None
    return found[0] if found else None


def person(level: Level, entity: str) -> Person | None:
    """NM1 and DMG of a subscriber (IL) or dependent (QC)."""
    name = level.qualified("NM1", entity)
    if name is None:
        return None
    more = level.first("DMG")
    return Person(
        family=name.get(3), given=name.get(4), middle=name.get(5),
        birth_date=day(more.get(2)) if more and more.get(1) == "D8" else None,
        sex=(more.get(3) if more else "") or "U",
        member_id=name.get(9) if name.get(8) == "MI" else "",
    )  # fmt: skip


def organization(level: Level, *entities: str) -> Organization | None:
    """NM1 of an organization with the PER that follows it."""
    for at, segment in enumerate(level.segments):
        if segment.name != "NM1" or segment.get(1) not in entities:
            continue
        below = _until_next_name(level.segments[at + 1 :])
        per = next((one for one in below if one.name == "PER"), None)
        said = _numbers(per)
        return Organization(
            name=segment.get(3), qualifier=segment.get(8), number=segment.get(9), contact=per.get(2) if per else "",
            phone=said.get("TE", ""), fax=said.get("FX", ""),
        )  # fmt: skip
    return None


def practitioner(level: Level, entity: str) -> Practitioner | None:
    """NM1 of a physician."""
    name = level.qualified("NM1", entity)
    return None if name is None else Practitioner(family=name.get(3), given=name.get(4), npi=name.get(9))


def _until_next_name(segments: list[Segment]) -> list[Segment]:
    end = next((at for at, one in enumerate(segments) if one.name == "NM1"), len(segments))
    return segments[:end]


def _numbers(per: Segment | None) -> dict[str, str]:
    """Kind of communication -> number, out of the pairs of a PER segment."""
    return {per.get(at): per.get(at + 1) for at in (3, 5, 7) if per.get(at)} if per else {}


def contact_text(level: Level) -> str:
    """Where the side of this level may be asked: name and telephone, as sent."""
    per = level.first("PER")
    if per is None:
        return ""
    numbers = _numbers(per)
    return ", ".join(one for one in (per.get(2), numbers.get("TE", ""), numbers.get("UR", "")) if one)
