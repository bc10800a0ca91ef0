"""Stays with records of addiction treatment, and the consents on which those leave."""

import io
import uuid
from datetime import date

import pypdf

from app.census.stay.marks import MarkStay, mark_stay
from app.discharge.referrals.asks import RecordConsent, Why
from app.discharge.referrals.packets.consents import end_consent, record_consent
from app.discharge.referrals.terms import ConsentFor
from app.platform.work import begin, everywhere

GIVEN = date(2026, 3, 1)
SCOPE = "What the stay needs to be paid"


def protect(stay: uuid.UUID, mark: str = "part2") -> None:
    """Somebody marks the stay."""
    with begin(everywhere("test")) as work:
        mark_stay(work, stay, MarkStay.model_validate({"sensitivity": mark, "reason": "asked for by the patient"}))


def consented(stay: uuid.UUID, covers: ConsentFor = ConsentFor.PAYERS, given_on: date = GIVEN) -> uuid.UUID:
    """The patient consents; the key of the consent."""
    with begin(everywhere("test")) as work:
        ask = RecordConsent(given_by="The patient", given_on=given_on, covers=covers, scope=SCOPE)
        return record_consent(work, stay, ask).id


def revoked(consent: uuid.UUID) -> None:
    """The patient takes it back."""
    with begin(everywhere("test")) as work:
        end_consent(work, consent, Why(reason="Revoked"))


def text_of(content: bytes) -> str:
    """The text of a PDF with single blanks."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
