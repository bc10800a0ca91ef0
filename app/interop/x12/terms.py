"""The words of an X12 278 exchange: who writes to whom, what is said, what is answered (005010 X215, X216, X217)."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from app.payers.requests.terms import Decision, ReviewRequest


class Finding(msgspec.Struct, frozen=True):
    """Something in a file that is not as it should be, for people who look after the exchange.

    `segment` counts the segments of the file from 1; 0 is the file as a whole. `severe` means that what the finding is
    about must not be acted on by a program. The sentence quotes nothing that may identify a patient.
    """

    segment: int
    sentence: str
    severe: bool = True


class Guide(StrEnum):
    """The implementation guide of a transaction, without its release."""

    INQUIRY = "X215"  # what became of a request
    NOTIFICATION = "X216"  # an admission or discharge is told
    REVIEW = "X217"  # a request for review, and its answer


class Kind(StrEnum):
    """What the hospital says to a payer."""

    REQUEST = "request"  # X217: initial, extension, revision, renewal
    CANCELLATION = "cancellation"  # X217 with purpose 01
    ADMISSION = "admission"  # X216: the patient is here
    DISCHARGE = "discharge"  # X216: the patient has left
    INQUIRY = "inquiry"  # X215: what became of a request

    @property
    def guide(self) -> Guide:
        """The guide that carries it."""
        if self in (Kind.ADMISSION, Kind.DISCHARGE):
            return Guide.NOTIFICATION
        return Guide.INQUIRY if self is Kind.INQUIRY else Guide.REVIEW


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A patient or subscriber. `sex` is F, M or U; `member_id` belongs to the subscriber."""

    family: str
    given: str = ""
    middle: str = ""
    birth_date: date | None = None
    sex: str = "U"
    member_id: str = ""


class Practitioner(msgspec.Struct, frozen=True, kw_only=True):
    """A physician by name and National Provider Identifier."""

    family: str
    given: str = ""
    npi: str


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """A hospital or payer. `qualifier` tells what `number` is: XX an NPI, PI the payer's own, 46 electronic, XV plan.

    `contact`, `phone` and `fax` are where the other side may ask back.
    """

    name: str
    qualifier: str = "XX"
    number: str
    contact: str = ""
    phone: str = ""
    fax: str = ""


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a message is about and between whom it goes.

    Attributes:
        requester: who asks; `facility` is where the patient lies.
        dependent: the patient, where that is not the subscriber.
        trace_origin: the ten characters (TRN03) that make our event traces ours.
    """

    payer: Organization
    requester: Organization
    facility: Organization
    subscriber: Person
    dependent: Person | None = None
    attending: Practitioner | None = None
    trace_origin: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the hospital.

    Attributes:
        reference: our number of this transmission (BHT03), never used twice; the answer repeats it.
        at: local date and time of writing, to the minute; the standard knows no zone.
        patient_status: CL103, 30 while the patient stays, else the code of the discharge (03 nursing facility, ...).
        admission_source: CL102.
        quantity: days asked for where a message names no period.
    """

    kind: Kind
    request: ReviewRequest
    parties: Parties
    reference: str
    at: datetime
    patient_status: str = ""
    admission_source: str = ""
    quantity: int | None = None


class Delimiters(msgspec.Struct, frozen=True):
    """The four characters that take a message apart. None of them ever occurs in what is said."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """How one payer wants its interchanges addressed.

    Attributes:
        usage: P production, T test.
        releases: what stands in GS08 and ST03 where a payer wants something else than 005010 before the guide.
        notification_purpose, inquiry_purpose: BHT02, which payers hold differently.
        line_end: what follows the segment terminator: nothing, or a line break for the eye.
    """

    sender: str
    receiver: str
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    group_sender: str = ""
    group_receiver: str = ""
    usage: str = "T"
    releases: dict[str, str] = {}
    notification_purpose: str = "CN"
    inquiry_purpose: str = "28"
    delimiters: Delimiters = Delimiters()
    line_end: str = ""


class Control(msgspec.Struct, frozen=True):
    """Numbers of an interchange (ISA13), its group (GS06) and set (ST02), never used twice for a receiver."""

    interchange: int
    group: int
    set: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in a file something was said: the first segment of the transaction set and the numbers around it."""

    segment: int
    interchange: str = ""
    group: str = ""
    set: str = ""
    sender: str = ""
    receiver: str = ""
    usage: str = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a hospital, as read. `said` is None where the findings do not let it be understood."""

    said: Said | None
    place: Place
    findings: tuple[Finding, ...] = ()


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """A payer did not take up a request (AAA): at which level, why (AAA03), and what to do (AAA04)."""

    level: str
    reason: str
    follow_up: str = ""


class AnswerKind(StrEnum):
    """What an answer is."""

    DECISION = "decision"  # the payer decided
    REJECTION = "rejection"  # the request was not taken up; nothing is decided
    RECEIPT = "receipt"  # a notification arrived
    UNREADABLE = "unreadable"  # an answer of which no decision can be told


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer answered to one patient event.

    Attributes:
        event_trace: our number of the request as the payer repeats it (TRN02), with the origin it names (TRN03).
        payer_trace: the payer's own number of the event.
        reference: our number of the transmission, repeated (BHT03).
        decision: None where nothing was decided.
        member_id, family, given, birth_date: whom the payer means, for a person who looks for the stay.
        written_at: the payer's clock (BHT04, BHT05), without a zone.
        contact: where the payer may be asked.
        findings: those about this answer; with a severe one nothing may follow from it without a person.
    """

    kind: AnswerKind
    event_trace: str = ""
    trace_origin: str = ""
    payer_trace: str = ""
    reference: str = ""
    decision: Decision | None = None
    rejections: tuple[Rejection, ...] = ()
    member_id: str = ""
    family: str = ""
    given: str = ""
    birth_date: date | None = None
    written_at: datetime | None = None
    contact: str = ""
    place: Place
    findings: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether a program may act on it."""
        return not any(one.severe for one in self.findings)


class Taken(StrEnum):
    """How the payer's computer took what was sent, before anybody there read it."""

    ACCEPTED = "A"  # nothing was wrong
    WITH_ERRORS = "E"  # accepted; errors were noted
    REFUSED = "R"  # it has to be corrected and sent again


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """TA1 or 999: the interchange or group arrived and was well formed, or not. Never a decision.

    `group` and `set` are None for a TA1, which speaks of a whole interchange, and `interchange` is None for a 999.
    `codes` are the notes and errors as sent.
    """

    taken: Taken
    interchange: str | None = None
    group: str | None = None
    set: str | None = None
    codes: tuple[str, ...] = ()


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """All that one file says, in its order. `findings` are all there are, about the file or about a part of it."""

    answers: tuple[Answer, ...] = ()
    messages: tuple[Heard, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    findings: tuple[Finding, ...] = ()
