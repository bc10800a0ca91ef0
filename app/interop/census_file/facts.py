"""What a census file or a person's repair says, as messages that are kept and as the facts of the census.

Pure. A message is self-contained: numbers bear their authority, times are UTC, classes are those of the census, so that
it says the same whatever becomes of the facility's settings.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.census.terms import AdtFact, Group, Instant, Insurance, Location, PatientClass, Prior
from app.interop.census_file.reading.rows import Row

PRESENT = "A08"
"""A row says what holds at an instant, as an update does: it opens an unknown stay and moves a known one."""


class Saying(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message. `name` is its control id, which the same statement of the same origin always bears."""

    name: str
    source: str
    event: str
    recorded: datetime
    effective: datetime
    digits: int = 14
    groups: tuple[Group, ...]
    strikes: int | None = None

    def raw(self) -> bytes:
        """The message as it is kept."""
        return _encoder.encode(self)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Saying)


def saying_of(raw: bytes) -> Saying:
    """The message of its bytes. Raises msgspec.DecodeError for others."""
    return _decoder.decode(raw)


def fact_of_saying(saying: Saying, feed: str, sequence: int) -> AdtFact:
    """The fact of the census. `feed` names the facility, `sequence` the stored message."""
    return AdtFact(
        sequence=sequence, feed=feed, application=APPLICATION[saying.source], facility="", control_id=saying.name,
        digest=hashlib.sha256(saying.raw()).hexdigest()[:32], event=saying.event, recorded=saying.recorded,
        sent=saying.recorded, effective=saying.effective, occurred=saying.effective,
        effective_digits=saying.digits, groups=saying.groups, source=saying.source, strikes=saying.strikes,
    )  # fmt: skip


APPLICATION = {"census": "census file", "repair": "reconciliation"}


# --- rows of files ---------------------------------------------------------------------------------------------------


def of_row(row: Row, taken_at: datetime) -> Saying:
    """A row as a message: the patient is here, or had gone by then."""
    gone = row.discharge
    return Saying(
        name=f"{taken_at:%Y%m%d%H%M%S} {_mark(row.visit)}",
        source="census",
        event="A03" if gone else PRESENT,
        recorded=taken_at,
        effective=gone.at if gone else taken_at,
        digits=gone.digits if gone else 14,
        groups=(_group(row),),
    )


def _mark(visit: str) -> str:
    """A control id is shown where numbers of visits are not: it knows the visit again without naming it."""
    return hashlib.sha256(visit.encode()).hexdigest()[:12]


def _group(row: Row) -> Group:
    authority = row.patient.partition("|")[0]
    return Group(
        patient=row.patient,
        visit=row.visit,
        account=f"{authority}|{row.account}" if row.account else None,
        person=_said({"family": row.family, "given": row.given, "dob": row.birth, "sex": row.sex}),
        patient_class=row.patient_class,
        patient_type_said=True,
        location=place_of(row),
        texts=_said({
            "account": row.account, "attending": row.attending, "attending_name": row.attending_name,
            "service": row.service, "admit_reason": row.diagnosis,
            "disposition": row.disposition if row.discharge else "",
        }),
        times={name: at for name, at in (("admit", row.admit), ("expected_discharge", row.expected),
                                         ("discharge", row.discharge)) if at},
        insurances=(Insurance(plan="", company=row.payer_code or row.payer_name, name=row.payer_name,
                              member=row.member),) if row.payer_code or row.payer_name else None,
    )  # fmt: skip


def _said(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def place_of(row: Row) -> Location | None:
    """Where the patient lies; None where the file has no such columns."""
    house = row.patient.partition("|")[0]
    return Location(row.unit, row.room, row.bed, house) if row.unit or row.room or row.bed else None


# --- what files do not name ------------------------------------------------------------------------------------------


def of_absence(visit: str, patient: str, closed_at: datetime, recorded: datetime) -> Saying:
    """The stay ended by the instant of the first file that lacks it, as far as anybody here knows."""
    group = Group(patient=patient, visit=visit, times={"discharge": Instant(closed_at, 14, "")})
    return Saying(name=f"absent {_mark(visit)} {recorded:%Y%m%d%H%M%S%f}", source="census", event="A03",
                  recorded=recorded, effective=closed_at, groups=(group,))  # fmt: skip


def of_striking(source: str, struck: int, numbers: Sequence[tuple[str, str]], recorded: datetime) -> Saying:
    """Take back the message `struck`, which names these patients and visits."""
    groups = tuple(Group(patient=patient, visit=visit) for patient, visit in numbers)
    return Saying(name=f"strike {struck}", source=source, event=PRESENT, recorded=recorded, effective=recorded,
                  groups=groups, strikes=struck)  # fmt: skip


# --- repairs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How a stay stands in the census at the instant of a file. `since` is its beginning, None where it has none."""

    patient: str
    status: str
    since: datetime | None
    patient_class: str
    location: Location | None


@dataclass(frozen=True, slots=True)
class Repair:
    """What a person decided: the name of the deed, the instant of the file, the instant of the decision."""

    name: str
    taken_at: datetime
    made_at: datetime

    def saying(self, event: str, group: Group, effective: datetime | None = None, part: str = "") -> Saying:
        """One message of the repair."""
        name = f"{self.name} {_mark(group.visit or '')}{part}"
        return Saying(name=name, source="repair", event=event, recorded=self.made_at,
                      effective=effective or self.taken_at, groups=(group,))  # fmt: skip


def admitting(repair: Repair, row: Row, ours: Standing | None) -> list[Saying]:
    """The file names a patient whom our census lacks: here since the admission that the file tells, or re-instated."""
    whole = _group(row)
    if ours is None or ours.since is None or ours.status in ("preadmit", "cancelled"):
        at = row.admit.at if row.admit else repair.taken_at
        return [repair.saying("A01", whole, at)]
    if ours.status == "discharged":
        group = Group(patient=whole.patient, visit=row.visit, location=whole.location)
        return [repair.saying("A13", group)]
    return [repair.saying("A01", msgspec.structs.replace(whole, times={}))]  # here without a bed: placed in one


def discharging(repair: Repair, visit: str, patient: str, row: Row | None) -> list[Saying]:
    """Our census holds a stay that the file lacks: gone by the instant of the file, or when the file says so."""
    gone = row.discharge if row else None
    at = gone or Instant(repair.taken_at, 14, "")
    group = Group(patient=patient, visit=visit, times={"discharge": at},
                  texts={"disposition": row.disposition} if row and row.disposition else {})  # fmt: skip
    return [msgspec.structs.replace(repair.saying("A03", group, at.at), digits=at.digits)]


def correcting(repair: Repair, row: Row, ours: Standing, fields: frozenset[str]) -> list[Saying]:
    """The file says other things of a stay that both know. Only what differs is said anew."""
    found: list[Saying] = []
    if "mrn" in fields:
        moved = Group(patient=row.patient, visit=row.visit, priors=(Prior(patient=ours.patient),), person=_person(row))
        found.append(repair.saying("A45", moved, part=" patient"))
    group = Group(
        patient=row.patient if "mrn" in fields else ours.patient,
        visit=row.visit,
        person=_person(row) if "name" in fields else {},
        patient_class=row.patient_class if "class" in fields else None,
        patient_type_said="class" in fields,
        location=merged_place(row, ours.location) if fields & {"unit", "room", "bed"} else None,
        texts=_said({"attending": row.attending, "attending_name": row.attending_name})
        if "attending" in fields else {},
    )  # fmt: skip
    if fields - {"mrn"}:
        event = PRESENT
        if "class" in fields:
            event = "A06" if row.patient_class is PatientClass.INPATIENT else "A07"
        elif group.location is not None:
            event = "A02"
        found.append(repair.saying(event, group))
    return found


def _person(row: Row) -> dict[str, str]:
    return _said({"family": row.family, "given": row.given})


def merged_place(row: Row, ours: Location | None) -> Location:
    """The place of the file; what it leaves unsaid within the same unit stays as it is."""
    if ours is None or (row.unit and row.unit != ours.unit):
        return place_of(row) or Location()
    return Location(row.unit or ours.unit, row.room or ours.room, row.bed or ours.bed, ours.facility)
