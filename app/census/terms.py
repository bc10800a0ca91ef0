"""The words of the census: what an ADT message says, and what the set of all of them says about stays and patients.

Pure. Numbers are written `AUTHORITY|number` (ADT rules, I-KEY). Instants are UTC. In the texts of a message, a missing
entry means *not said* and "" means *deleted* (F-NULL).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec


class PatientClass(StrEnum):
    """What kind of visit the hospital bills, from PV1-2 and PV1-18 through the class map of the feed."""

    INPATIENT = "IP"  # admitted by order of a physician; Medicare Part A
    OBSERVATION = "OBS"  # in a bed to decide whether to admit; billed as an outpatient
    OUTPATIENT = "OP"  # a clinic or day visit without a bed of the house
    EMERGENCY = "ED"  # in the emergency department
    PREADMIT = "PRE"  # announced, not here yet
    RECURRING = "RCR"  # a series of outpatient visits under one number
    UNKNOWN = "UNK"  # the feed sent a code that its class map does not know

    @property
    def bedded(self) -> bool:
        """Inpatients and observation patients lie in a bed: they are the census."""
        return self is PatientClass.INPATIENT or self is PatientClass.OBSERVATION


class EncounterStatus(StrEnum):
    """Where a visit stands. Admitted and on leave together are the census."""

    PREADMIT = "preadmit"  # announced: a planned bed, never on the census
    REGISTERED = "registered"  # here without a bed of the house: emergency, clinic
    ADMITTED = "admitted"  # in a bed of the house, as inpatient or observation
    ON_LEAVE = "on_leave"  # away for a while, the bed is held
    DISCHARGED = "discharged"  # gone; updates still correct time, disposition and coding
    CANCELLED = "cancelled"  # taken back by the sender: the visit never was

    @property
    def in_census(self) -> bool:
        return self is EncounterStatus.ADMITTED or self is EncounterStatus.ON_LEAVE


class PatientStatus(StrEnum):
    """Whether a medical record number still stands for a person of its own."""

    ACTIVE = "active"  # stands for a person
    MERGED = "merged"  # retired into another number, which stands for the person now
    DELETED = "deleted"  # the sender deleted the person (A29)


class ExceptionKind(StrEnum):
    """What in a feed needs a person's eye. An exception closes itself when the set of messages no longer shows it."""

    UNPARSEABLE = "UNPARSEABLE"  # not an HL7 message
    NO_CONTROL_ID = "NO_CONTROL_ID"  # MSH-10 is empty
    UNSUPPORTED_TYPE = "UNSUPPORTED_TYPE"  # another type than ADT
    PROCESSING_ID = "PROCESSING_ID"  # a test or training message on a production feed
    UNSUPPORTED_EVENT = "UNSUPPORTED_EVENT"  # an event without a rule; kept, without effect
    UNKNOWN_FACILITY = "UNKNOWN_FACILITY"  # parked until the facility or its alias is entered
    NO_PATIENT_ID = "NO_PATIENT_ID"  # PID-3 names nobody
    NO_VISIT = "NO_VISIT"  # neither visit nor account, and not exactly one open stay
    CONTROL_ID_REUSE = "CONTROL_ID_REUSE"  # one control id, different messages; both are processed
    ORPHAN_CANCEL = "ORPHAN_CANCEL"  # a cancel whose target has not come
    A12_LOCATION_MISMATCH = "A12_LOCATION_MISMATCH"  # returned to a bed that history does not know
    MOVE_AFTER_DISCHARGE = "MOVE_AFTER_DISCHARGE"  # waits for the discharge to be cancelled
    REOPEN_WITHOUT_A13 = "REOPEN_WITHOUT_A13"  # admitted again on a discharged number
    DISCHARGE_DT_ON_A08 = "DISCHARGE_DT_ON_A08"  # an update names a discharge time of an open stay
    IMPLIED_CLASS_CHANGE = "IMPLIED_CLASS_CHANGE"  # an update changed the class; utilization review should know
    VISIT_PATIENT_MISMATCH = "VISIT_PATIENT_MISMATCH"  # the visit is another patient's: patient safety
    MERGE_WITHOUT_MRG = "MERGE_WITHOUT_MRG"  # a merge or move that does not say from where
    BED_CONFLICT = "BED_CONFLICT"  # two patients in one bed
    MULTIPLE_OPEN_IP = "MULTIPLE_OPEN_IP"  # two open inpatient stays; usually a missed discharge
    ABSENT_FROM_CENSUS = "ABSENT_FROM_CENSUS"  # the last census files do not name a stay of the census


class ReviewKind(StrEnum):
    """Events of identity that only a person can finish (ADT rules, I-A37, A43, A29)."""

    UNMERGED = "UNMERGED"  # demographics are not split back by themselves
    MOVE_OF_PATIENT = "MOVE_OF_PATIENT"  # A43 moves all of a patient, by hand
    PERSON_DELETED = "PERSON_DELETED"  # the sender deleted a person whose stays are kept


class Sensitivity(StrEnum):
    """What a feed hints about who may see a stay without a stated reason."""

    NONE = ""  # nothing is hinted
    VIP = "vip"  # PV1-16 or the visit protection of PV2-22
    EMPLOYEE = "employee"  # works here
    PART2 = "part2"  # treatment of addiction, 42 CFR Part 2
    PSYCHIATRIC = "psychiatric"  # psychiatric treatment


DEFAULT_CLASS_MAP: Mapping[str, PatientClass] = {
    **dict.fromkeys(("I", "INPATIENT", "B"), PatientClass.INPATIENT),
    **dict.fromkeys(("V", "OBS", "OBSERVATION"), PatientClass.OBSERVATION),
    **dict.fromkeys(("E", "EMERGENCY"), PatientClass.EMERGENCY),
    "O": PatientClass.OUTPATIENT,
    "P": PatientClass.PREADMIT,
    "R": PatientClass.RECURRING,
}
"""Patient classes by PV1-2. Obstetrics (B) is inpatient."""


class FeedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a site decided about one of its feeds. `feed` names it; the facts of a feed carry that name."""

    feed: str = ""
    timezone: str = "America/New_York"
    default_authority: str = ""
    a08_moves: bool = True  # POL-A08MOVE: another bed in an update is a transfer
    a08_class: bool = True  # POL-A08CLASS: another class in an update is a change of class
    class_map: dict[str, PatientClass] = msgspec.field(default_factory=lambda: dict(DEFAULT_CLASS_MAP))
    processing_ids: frozenset[str] = frozenset({"P"})


class Instant(msgspec.Struct, frozen=True):
    """A point in time as sent: in UTC, with the digits that were given (8 = only the day) and the text itself."""

    at: datetime
    digits: int
    text: str

    @property
    def precise(self) -> bool:
        """Whether a time of day was sent; a day alone must not be shown as midnight."""
        return self.digits > 8


class Location(msgspec.Struct, frozen=True):
    """A place in the house (PV1-3): unit or clinic, room, bed, and the facility they belong to."""

    unit: str = ""
    room: str = ""
    bed: str = ""
    facility: str = ""

    @property
    def text(self) -> str:
        """Unit, room and bed with two carets between them, as HL7 writes them."""
        return f"{self.unit}^{self.room}^{self.bed}"


class Identifier(msgspec.Struct, frozen=True):
    """One repetition of PID-3: number, assigning authority and type (MR, PI, SS, ...)."""

    authority: str
    number: str
    type: str = ""


class Diagnosis(msgspec.Struct, frozen=True):
    """One DG1 segment. `type` is DG1-6: A admitting, W working, F final."""

    code: str
    text: str = ""
    type: str = ""


class Insurance(msgspec.Struct, frozen=True):
    """One IN1 segment. The dates are kept as the digits that were sent; most senders leave them empty."""

    plan: str  # IN1-2.1
    company: str  # IN1-3.1, by which payers are known
    name: str = ""  # IN1-4.1
    group: str = ""  # IN1-8
    effective: str = ""  # IN1-12
    expires: str = ""  # IN1-13
    plan_type: str = ""  # IN1-15
    policy: str = ""  # IN1-36
    member: str = ""  # IN1-49.1, else the policy number


class Prior(msgspec.Struct, frozen=True):
    """One MRG segment: the numbers that a merge, move or renaming takes away. None where it names none."""

    patient: str | None = None
    account: str | None = None
    visit: str | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One PID of a message and what stands below it; a bed swap or a merge has several."""

    patient: str
    person: dict[str, str] = {}
    identifiers: tuple[Identifier, ...] = ()
    visit: str | None = None  # PV1-19, else ACCT: and PID-18
    account: str | None = None
    priors: tuple[Prior, ...] = ()
    patient_class: PatientClass | None = None  # None where PV1-2 is empty
    patient_type_said: bool = False  # whether PV1-18 was valued: an O without it may still mean observation
    location: Location | None = None
    prior_location: Location | None = None
    pending_location: Location | None = None
    texts: dict[str, str] = {}
    times: dict[str, Instant | None] = {}  # None = deleted
    diagnoses: tuple[Diagnosis, ...] | None = None
    insurances: tuple[Insurance, ...] | None = None


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened in a stay, by the trigger event of HL7 that tells of the same."""

    event: str
    at: datetime
    digits: int = 14  # of the time as sent; 8 = only the day
    patient_class: PatientClass | None = None
    location: Location | None = None


class AdtFact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that the fold needs of one accepted message.

    `recorded` (EVN-2, else MSH-7) decides between two statements about one field; `effective` places an event on the
    timeline of the stay (T-REC, T-EFF). `sequence` counts receipt and matters only where all clocks are equal.

    `source` is hl7, fhir, census (a file of the whole house) or repair (a person's decision after a comparison). A fact
    that names a `resource` tells the whole of it: its `course` is what happened from beginning to end, and the version
    recorded last stands for all others of that resource. A fact that `strikes` another one (by its sequence) takes it
    back: neither says anything. What a sender sent is never struck out.
    """

    sequence: int
    feed: str
    application: str
    facility: str
    control_id: str
    digest: str
    event: str
    recorded: datetime
    sent: datetime
    effective: datetime
    occurred: datetime | None
    effective_digits: int
    groups: tuple[Group, ...]
    supported: bool = True
    source: str = "hl7"
    resource: str = ""
    course: tuple[Step, ...] = ()
    strikes: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every number by which this fact may meet others: facts that share one, transitively, are folded together.

        Accounts are left out unless they stand for the visit: one on everything would tie the whole house together.
        """
        found = [f"R:{self.feed}|{self.resource}"] if self.resource else []
        for group in self.groups:
            found.append("P:" + group.patient)
            named = [group.visit, *(prior.visit for prior in group.priors)]
            found.extend("P:" + prior.patient for prior in group.priors if prior.patient)
            found.extend("V:" + visit for visit in named if visit)
        return tuple(dict.fromkeys(found))


class Row(msgspec.Struct, frozen=True):
    """One row of a timeline: what held from when to when. `end` is None while it still holds."""

    value: str
    start: datetime
    end: datetime | None = None
    label: str = ""  # in words, where the value is a number: the physician's name


class LocationRow(msgspec.Struct, frozen=True):
    """Where the patient lay from when to when."""

    value: Location
    start: datetime
    end: datetime | None = None


class EncounterState(msgspec.Struct, kw_only=True):
    """One stay as the set of its messages tells it.

    `key` is its present number and `origin` the first number it was known by, which never changes hands when numbers
    are swapped; `numbers` are all it ever bore. `home` is the patient of its earliest recorded message (or of a move
    of the visit) and stays; `patient` is who stands for that one after merges.
    """

    key: str
    origin: str
    numbers: tuple[str, ...]
    home: str
    patient: str
    status: EncounterStatus
    patient_class: PatientClass
    start_at: datetime | None = None
    start_precise: bool = True
    admit_at: datetime | None = None  # PV1-44, else start_at
    inpatient_at: datetime | None = None  # start of the present inpatient row
    discharge_at: datetime | None = None
    discharge_precise: bool = True
    disposition: str | None = None
    location: Location | None = None
    last_location: Location | None = None
    locations: tuple[LocationRow, ...] = ()
    classes: tuple[Row, ...] = ()
    attendings: tuple[Row, ...] = ()
    services: tuple[Row, ...] = ()
    leaves: tuple[Row, ...] = ()
    pending_kind: str | None = None  # transfer, discharge
    pending_location: Location | None = None
    pending_at: datetime | None = None
    expected_discharge_at: datetime | None = None
    expected_discharge_precise: bool = True
    inferred: bool = False  # its admission was never received
    texts: dict[str, str] = {}
    diagnoses: tuple[Diagnosis, ...] = ()
    insurances: tuple[Insurance, ...] = ()
    last_recorded: datetime | None = None
    sequences: tuple[int, ...] = ()  # of the facts that name it

    def text(self, name: str) -> str | None:
        """A field by its name in `ENCOUNTER_TEXTS`; None where it was never said or is deleted."""
        return self.texts.get(name) or None

    @property
    def died(self) -> bool:
        """Discharge dispositions of patients who died (UB-04 FL 17: 20, and 40 to 42 for hospice)."""
        return self.disposition in DIED

    @property
    def sensitivity(self) -> Sensitivity:
        """The hint of PV1-16 and PV2-22; HL7 table 0177 has ETH for treatment of addiction, PSY for psychiatry."""
        vip = (self.texts.get("vip") or "").upper()
        if vip in PART2_CODES or vip in PSYCHIATRY_CODES:
            return Sensitivity.PART2 if vip in PART2_CODES else Sensitivity.PSYCHIATRIC
        if vip.startswith("EMP"):
            return Sensitivity.EMPLOYEE
        if vip not in ("", "N", "NO", "0", "U") or (self.texts.get("protection") or "").upper() == "Y":
            return Sensitivity.VIP
        return Sensitivity.NONE


DIED = frozenset({"20", "40", "41", "42"})
PART2_CODES, PSYCHIATRY_CODES = frozenset({"ETH", "42CFR2", "PART2"}), frozenset({"PSY", "PSYCH", "PSYCHIATRIC"})

ENCOUNTER_TEXTS = (
    "account", "service", "admit_source", "admit_type", "admit_reason", "financial_class", "accommodation", "attending",
    "attending_name", "referring", "referring_name", "admitting", "admitting_name", "vip", "protection", "drg",
    "tracking_location",
)  # fmt: skip
"""The text fields of a stay in which the last recorded word wins."""

PERSON_TEXTS = (
    "family", "given", "middle", "suffix", "dob", "sex", "deceased", "deceased_at", "zip", "phone", "language",
)  # fmt: skip
"""The text fields of a person in which the last recorded word wins; `dob` as the digits that were sent."""


class PatientState(msgspec.Struct, kw_only=True):
    """A medical record number and its person; one that was renamed away is merged and has no `origin` of its own."""

    key: str
    origin: str | None
    numbers: tuple[str, ...] = ()
    status: PatientStatus = PatientStatus.ACTIVE
    merged_into: str | None = None  # the root of the chain
    texts: dict[str, str] = {}
    identifiers: tuple[Identifier, ...] = ()
    last_recorded: datetime | None = None

    def text(self, name: str) -> str | None:
        """A field by its name in `PERSON_TEXTS`; None where it was never said or is deleted."""
        return self.texts.get(name) or None


class AdtException(msgspec.Struct, frozen=True, kw_only=True):
    """One open exception. `about` is the control id of the message, or for a bed or a patient the thing itself."""

    kind: ExceptionKind
    about: str
    sequence: int | None = None
    patient: str | None = None
    encounter: str | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """Work that an identity event leaves to a person; not an exception, because it never closes itself."""

    kind: ReviewKind
    sequence: int
    control_id: str
    patients: tuple[str, ...]


class House(msgspec.Struct, kw_only=True):
    """The whole answer of the fold. Patients by number, stays by present number."""

    patients: dict[str, PatientState]
    encounters: dict[str, EncounterState]
    exceptions: list[AdtException]
    reviews: list[Review]
