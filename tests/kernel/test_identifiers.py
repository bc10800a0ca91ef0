"""Identifiers that look right but are not send a message, a notice or a claim to the wrong person."""

import pytest

from app.kernel.identifiers import Malformed, MemberId, Mrn, Npi, VisitNumber
from app.kernel.refusal import Refused


@pytest.mark.parametrize("text", ["1234567893", " 1245319599 ", "2000000002"])
def test_npi_with_the_right_check_digit(text: str):
    assert Npi(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["1234567890", "1234567839", "3234567893", "123456789", "12345678930", "12345６7893", ""]
)
def test_npi_is_refused(text: str):
    with pytest.raises(Malformed):
        Npi(text)


@pytest.mark.parametrize("kind", [Mrn, VisitNumber])
def test_hospital_numbers_keep_leading_zeros_and_lose_blanks(kind: type[Mrn] | type[VisitNumber]):
    assert kind(" 000-12 A ") == "000-12 A"
    assert type(kind("1")) is kind


@pytest.mark.parametrize("text", ["", "   ", "A|B", "A^B", "A~B", "A&B", "A\\B", "A\nB", "x" * 65])
def test_hospital_numbers_refuse_what_would_break_a_message(text: str):
    with pytest.raises(Malformed):
        Mrn(text)


def test_member_id_is_compared_in_capitals_without_blanks():
    assert MemberId("xyz 123-4") == MemberId("XYZ123-4")


def test_refusal_does_not_repeat_the_value():
    with pytest.raises(Refused) as refusal:
        MemberId("secret_id!")

    assert "secret" not in str(refusal.value).lower()
    assert "member id" in refusal.value.sentence
