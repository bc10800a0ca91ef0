"""What can be said in a 278 and what cannot: each refusal is a sentence that tells the person what to change."""

import unicodedata

from app.interop.x12.terms import Delimiters, Envelope, Kind, Organization, Person, Said
from app.kernel.identifiers import Malformed, Npi
from app.kernel.refusal import Refused
from app.payers.requests.terms import CertificationType

LONGEST_MESSAGE = 264
"""Characters of MSG01 in the 278."""
_SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "≥": ">=", "≤": "<=",
                        "°": " deg ", "×": "x", "½": "1/2", "µ": "u", "μ": "u", "ß": "ss", "ø": "o", "Ø": "O",
                        "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"})  # fmt: skip
_CANDIDATES = {
    "element": "*|\x1d",
    "component": ":><\x1f",
    "repetition": "^`\x1e",
    "segment": "~'\x1c",
}
"""What may take the place of a delimiter that is part of the text; the last of each is a sign that no text holds."""


class CannotBeSaid(Refused):
    """A message that a 278 cannot carry; `sentences` are all the reasons."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def plain(text: str) -> str:
    """Text in the characters that X12 carries: accents and typographic signs simplified, blanks and line ends single.

    What has no plain form stays as it is, and is refused when it is to be sent.
    """
    simple = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    return " ".join("".join(sign for sign in simple if not unicodedata.combining(sign)).split())


def delimiters_for(wanted: Delimiters, texts: list[str]) -> Delimiters:
    """The delimiters wanted, each replaced by a spare one where a text, which must have been checked, holds it."""
    used = set("".join(texts))
    found: dict[str, str] = {}
    for name, spare in _CANDIDATES.items():
        signs = (getattr(wanted, name), *spare)
        found[name] = next(sign for sign in signs if sign not in used and sign not in found.values())
    return Delimiters(**found)


class Doubts:
    """Collects what is wrong with a message, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def text(self, what: str, value: str, longest: int, *, shortest: int = 0) -> str:
        """A text of the characters that X12 carries, of a length that its element takes."""
        if not shortest <= len(value) <= longest:
            if not value:
                self.sentences.append(f"{what} is missing.")
            elif len(value) > longest:
                self.sentences.append(f"{what} is longer than the {longest} characters that fit.")
            else:
                self.sentences.append(f"{what} is shorter than {shortest} characters.")
        strange = next((sign for sign in value if not " " <= sign <= "~"), None)
        if strange is not None:
            self.sentences.append(f"{what} holds a character that X12 does not carry ({_named(strange)}).")
        if value != value.strip():
            self.sentences.append(f"{what} begins or ends with a blank.")
        return value

    def need(self, holds: object, sentence: str) -> None:
        """The sentence is a reason against the message unless `holds`."""
        if not holds:
            self.sentences.append(sentence)

    def settle(self) -> None:
        """Raise CannotBeSaid where there is any reason."""
        if self.sentences:
            raise CannotBeSaid(list(dict.fromkeys(self.sentences)))


def _named(sign: str) -> str:
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip().lower()


def check(said: Said, envelope: Envelope) -> None:
    """Refuse what cannot be said. Raises CannotBeSaid."""
    doubts = Doubts()
    _check_envelope(doubts, envelope)
    parties = said.parties
    for what, one in (("payer", parties.payer), ("requester", parties.requester), ("facility", parties.facility)):
        _check_organization(doubts, what, one)
    _check_person(doubts, "subscriber", parties.subscriber)
    doubts.text("The member id of the subscriber", parties.subscriber.member_id, 80, shortest=2)
    if parties.dependent is not None:
        _check_person(doubts, "patient", parties.dependent)
    if parties.attending is not None:
        doubts.text("The family name of the attending physician", parties.attending.family, 60, shortest=1)
        doubts.text("The given name of the attending physician", parties.attending.given, 35)
        doubts.need(_is_npi(parties.attending.npi), "The attending physician has no valid NPI.")
    doubts.text("The trace origin (TRN03)", parties.trace_origin, 10, shortest=10)
    doubts.text("Our number of the transmission", said.reference, 50, shortest=1)
    doubts.text("The status of the patient", said.patient_status, 2)
    doubts.text("The source of the admission", said.admission_source, 1)
    _check_request(doubts, said)
    doubts.settle()


def _check_envelope(doubts: Doubts, envelope: Envelope) -> None:
    for what, value in (("sender", envelope.sender), ("receiver", envelope.receiver)):
        doubts.text(f"The id of the {what}", value, 15, shortest=2)
    for what, value in (("sender", envelope.sender_qualifier), ("receiver", envelope.receiver_qualifier)):
        doubts.text(f"The qualifier of the {what}", value, 2, shortest=2)
    for value in (envelope.group_sender, envelope.group_receiver):
        doubts.text("The id in the group", value, 15)
    doubts.need(envelope.usage in ("T", "P"), "The usage must be T for tests or P for production.")
    doubts.need(set(envelope.line_end) <= {"\r", "\n"}, "What follows a segment must be a line break or nothing.")


def _check_organization(doubts: Doubts, what: str, one: Organization) -> None:
    doubts.text(f"The name of the {what}", one.name, 60, shortest=1)
    doubts.need(one.qualifier in ("XX", "PI", "46", "XV", "24"), f"The number of the {what} has no known qualifier.")
    if one.qualifier == "XX":
        doubts.need(_is_npi(one.number), f"The {what} has no valid NPI.")
    doubts.text(f"The number of the {what}", one.number, 80, shortest=2)
    doubts.text(f"The contact of the {what}", one.contact, 60)
    for value in (one.phone, one.fax):
        doubts.text(f"A telephone number of the {what}", value, 256)


def _check_person(doubts: Doubts, what: str, one: Person) -> None:
    doubts.text(f"The family name of the {what}", one.family, 60, shortest=1)
    doubts.text(f"The given name of the {what}", one.given, 35)
    doubts.text(f"The middle name of the {what}", one.middle, 25)
    doubts.need(one.sex in ("F", "M", "U"), f"The sex of the {what} must be F, M or U.")


def _is_npi(text: str) -> bool:
    try:
        return Npi(text) == text
    except Malformed:
        return False


def _check_request(doubts: Doubts, said: Said) -> None:
    request = said.request
    doubts.text("The event trace", request.event_trace, 50, shortest=1)
    doubts.text("The authorization number", request.authorization_number, 50)
    doubts.text("The payer's reference", request.reference, 50)
    doubts.text("The message to the payer", request.message, LONGEST_MESSAGE)
    doubts.text("The service type", request.service_type, 2, shortest=1)
    doubts.need(len(request.diagnoses) <= 12, "More than 12 diagnoses do not fit. Please leave some out.")
    for one in request.diagnoses:
        fits = 3 <= len(one.code) <= 7 and one.code.isascii() and one.code.isalnum() and one.code.isupper()
        doubts.need(fits, "A diagnosis is no ICD-10-CM code without its dot.")
        doubts.need(
            one.role in ("principal", "admitting", "other"), "A diagnosis is neither principal, admitting nor other."
        )
    doubts.need(request.days is None or request.days.count > 0, "The days asked for end before they begin.")
    if said.kind in (Kind.REQUEST, Kind.CANCELLATION):
        _check_number_of_days(doubts, said)
    number = request.authorization_number or request.reference
    if said.kind is Kind.REQUEST:
        _check_asked(doubts, said)
    elif said.kind is Kind.CANCELLATION:
        doubts.need(
            request.certification_type is CertificationType.CANCEL, "A cancellation must be of the type cancel."
        )
        doubts.need(number, "A cancellation needs the payer's number of what is withdrawn.")
    elif said.kind is Kind.ADMISSION:
        doubts.need(request.admitted_on, "A notification of admission needs the day of admission.")
        doubts.need(not request.discharged_on, "A notification of admission cannot name a day of discharge.")
    elif said.kind is Kind.DISCHARGE:
        doubts.need(request.discharged_on, "A notification of discharge needs the day of discharge.")


def _check_number_of_days(doubts: Doubts, said: Said) -> None:
    fits, alone = said.quantity is None or 0 < said.quantity < 1000, said.quantity is None or said.request.days is None
    doubts.need(fits, "The number of days must be between 1 and 999.")
    doubts.need(alone, "The request names a period and a number of days.")


def _check_asked(doubts: Doubts, said: Said) -> None:
    request = said.request
    kind = request.certification_type
    doubts.need(kind is not CertificationType.CANCEL, "A request of the type cancel is a cancellation.")
    if kind in (CertificationType.INITIAL, CertificationType.EXTENSION, CertificationType.RENEWAL):
        doubts.need(request.days or said.quantity, "The request names no days.")
    if kind in (CertificationType.EXTENSION, CertificationType.RENEWAL):
        doubts.need(request.authorization_number, "More days can only be asked for an authorization number.")
