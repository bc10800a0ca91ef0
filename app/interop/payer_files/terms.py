"""The words of the exchange of files with payers."""

from enum import StrEnum

import msgspec

from app.interop.x12.terms import Acknowledgement, Answer


class Format(StrEnum):
    """How a payer takes and sends."""

    X12 = "x12"  # ASC X12 278, release 005010
    FHIR = "fhir"  # Da Vinci PAS bundles

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"x12": "X12 278", "fhir": "FHIR (Da Vinci PAS)"}[self.value]


class Step(StrEnum):
    """What happens to a file for a payer after it was made."""

    WRITTEN = "written"  # it lies in the folder from which the payer, or the line to it, takes files
    NOT_WRITTEN = "not_written"  # the folder could not be written; it is tried again
    HELD_BACK = "held_back"  # the patient's consent had ended before it left; it is not tried again
    FETCHED = "fetched"  # a person took it, to send it by hand
    ARRIVED = "arrived"  # the payer's computer took it (TA1, 999)
    REFUSED = "refused"  # the payer's computer did not take it
    RECEIVED = "received"  # the payer confirms a notification
    REJECTED = "rejected"  # the payer did not take the request up (AAA)
    ANSWERED = "answered"  # the payer decided

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _STEP_LABELS[self]


_STEP_LABELS = {
    Step.WRITTEN: "put into the folder",
    Step.NOT_WRITTEN: "could not be put into the folder",
    Step.HELD_BACK: "held back: the patient’s consent is missing",
    Step.FETCHED: "downloaded",
    Step.ARRIVED: "arrived at the payer",
    Step.REFUSED: "refused by the payer’s computer",
    Step.RECEIVED: "receipt confirmed",
    Step.REJECTED: "not taken up by the payer",
    Step.ANSWERED: "answered",
}

FAILED = frozenset({Step.HELD_BACK, Step.REFUSED, Step.REJECTED})
"""After these nothing more comes: what was wrong has to be corrected and sent again."""


class ItemKind(StrEnum):
    """What a part of a payer's file is."""

    DECISION = "decision"  # what the payer decided about a request
    REJECTION = "rejection"  # the payer did not take a request up; nothing is decided
    RECEIPT = "receipt"  # a notification arrived
    ACKNOWLEDGEMENT = "acknowledgement"  # the payer's computer took a file, or did not
    UNREADABLE = "unreadable"  # an answer, or a whole file, of which no meaning can be told


class ItemState(StrEnum):
    """What became of it."""

    WAITING = "waiting"  # stored, not looked at yet
    APPLIED = "applied"  # the decision is recorded with its authorization
    REPEATED = "repeated"  # it says what was recorded before
    NOTED = "noted"  # a receipt or acknowledgement, noted with the file that it is about
    REJECTED = "rejected"  # the payer did not take it up: a person has to correct and send again
    HELD = "held"  # for a person: it does not fit, or is not understood
    SET_ASIDE = "set_aside"  # a person looked at it; nothing follows from it

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"set_aside": "put aside", "rejected": "to correct", "held": "to look at"}.get(self.value, self.value)


FOR_PEOPLE = (ItemState.HELD, ItemState.REJECTED)
"""States in which somebody has to do something."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a payer's file, whatever its format. `sentence` says why no meaning can be told of it."""

    kind: ItemKind
    answer: Answer | None = None
    acknowledgement: Acknowledgement | None = None
    sentence: str = ""
