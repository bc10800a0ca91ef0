"""The words of a request for review and of its answer: one form for the telephone, X12 278 and Da Vinci PAS."""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class CertificationType(StrEnum):
    """What a request asks for (X12 element UM02)."""

    INITIAL = "I"  # the first request for this stay
    EXTENSION = "4"  # more days of what is authorized: the continued stay
    REVISED = "S"  # something else than asked, or a new service
    CANCEL = "3"  # the request is withdrawn
    RENEWAL = "R"  # the same again after its end
    APPEAL_IMMEDIATE = "1"  # an urgent appeal against the answer
    APPEAL_STANDARD = "2"  # an appeal against the answer
    RECONSIDERATION = "N"  # look at the answer again


class ServiceLevel(StrEnum):
    """How pressing the stay is (UM06)."""

    EMERGENCY = "03"  # came through the emergency department
    URGENT = "U"  # cannot wait
    ELECTIVE = "E"  # planned


class Action(StrEnum):
    """What the payer decided (HCR01)."""

    CERTIFIED = "A1"  # all that was asked
    PARTIAL = "A2"  # some of the services asked
    NOT_CERTIFIED = "A3"  # denied
    PENDED = "A4"  # not decided yet; something is awaited
    MODIFIED = "A6"  # something else than asked, usually fewer days
    CANCELLED = "C"  # withdrawn
    CONTACT_PAYER = "CT"  # call
    NOT_REQUIRED = "NA"  # no authorization is needed


class Days(msgspec.Struct, frozen=True, order=True):
    """Consecutive patient days by their midnights: `first` is the first night, `until` the day on which it ends.

    `until` is not covered itself, as a day of discharge is not: 10 March until 13 March are three days.
    """

    first: date
    until: date

    @property
    def count(self) -> int:
        """How many days."""
        return (self.until - self.first).days


class Diagnosis(msgspec.Struct, frozen=True):
    """An ICD-10-CM code without its dot, and what it is to the stay: principal, admitting or other."""

    code: str
    role: str = "other"


class ReviewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a payer for one stay.

    Attributes:
        event_trace: our own number of the request, never used twice; the answer repeats it.
        days: the days asked for; None where a request asks for none (a cancellation).
        authorization_number: the payer's number of what is extended, revised or withdrawn.
        reference: the payer's administrative number of an earlier answer (pended, denied).
    """

    event_trace: str
    certification_type: CertificationType
    service_level: ServiceLevel = ServiceLevel.EMERGENCY
    service_type: str = "1"  # UM03: 1 medical care, 2 surgical, A4 psychiatric
    days: Days | None = None
    admitted_on: date | None = None
    discharged_on: date | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    authorization_number: str = ""
    reference: str = ""
    message: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer answered.

    Attributes:
        ranges: the days that are authorized now by this answer, as the answer names them; empty where it names none.
        quantity: the number of days that the answer names beside or instead of a period.
        reasons: codes of the payer's reasons (HCR03, AAA03), as sent.
        more_follows: the payer says that it will write again.
        text: what the payer wrote in words.
    """

    action: Action
    authorization_number: str = ""
    reference: str = ""
    ranges: tuple[Days, ...] = ()
    quantity: int | None = None
    reasons: tuple[str, ...] = ()
    issued_on: date | None = None
    decided_at: datetime | None = None
    more_follows: bool = False
    text: str = ""
