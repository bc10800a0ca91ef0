"""Identifiers as checked values: what exists as one of these types has the right form.

They are strings, so that they travel to the database and to JSON as they are. Leading zeros are part of an identifier.
Refusals never repeat the value: it may identify a patient.
"""

import re
from typing import ClassVar, Self

from app.kernel.refusal import Refused


class Malformed(Refused, ValueError):
    """An identifier without the form of its kind; a ValueError too, which input classes turn into a form error."""


class Identifier(str):
    """Base of the identifiers: text without surrounding blanks, in the form that the kind demands."""

    __slots__ = ()

    kind: ClassVar[str]
    form: ClassVar[re.Pattern[str]]
    rule: ClassVar[str]  # the form in words, for the person who typed it

    def __new__(cls, text: str) -> Self:
        value = cls.normalized(text)
        if not cls.form.fullmatch(value) or not cls.is_sound(value):
            raise Malformed(f"This is not a valid {cls.kind}: {cls.rule}. Please check it against the source.")
        return super().__new__(cls, value)

    @classmethod
    def normalized(cls, text: str) -> str:
        """The text as it is kept and compared."""
        return text.strip()

    @classmethod
    def is_sound(cls, value: str) -> bool:
        """Whether what the form alone cannot tell, such as a check digit, is right as well."""
        return True


class HospitalNumber(Identifier):
    """A number that a hospital gives within one assigning authority. Hospitals choose its form freely."""

    __slots__ = ()

    form = re.compile(r"[^\s|^~&\\\x00-\x1f](?:[^|^~&\\\x00-\x1f]{0,62}[^\s|^~&\\\x00-\x1f])?")
    rule = "1 to 64 characters, without line breaks and the separators | ^ ~ & \\"


class Mrn(HospitalNumber):
    """Medical record number: one patient."""

    __slots__ = ()

    kind = "medical record number"


class VisitNumber(HospitalNumber):
    """Visit or account number: one encounter."""

    __slots__ = ()

    kind = "visit number"


class MemberId(Identifier):
    """The number by which a payer knows the patient. Compared without blanks and in capitals, as cards are misread."""

    __slots__ = ()

    kind = "member id"
    form = re.compile(r"[A-Z0-9-]{2,80}")
    rule = "2 to 80 letters, digits or hyphens"

    @classmethod
    def normalized(cls, text: str) -> str:
        """Capitals, no blanks."""
        return "".join(text.split()).upper()


class Npi(Identifier):
    """National provider identifier (45 CFR 162.406): ten digits, the last a Luhn check digit over 80840."""

    __slots__ = ()

    kind = "NPI"
    form = re.compile(r"[12][0-9]{9}")
    rule = "ten digits that begin with 1 or 2 and end in the right check digit"

    PREFIX: ClassVar[str] = "80840"  # health applications, United States (ISO 7812)

    @classmethod
    def is_sound(cls, value: str) -> bool:
        """Whether the check digit is right, which finds every single wrong digit and most swaps of neighbours."""
        total = 0
        for place, digit in enumerate(reversed(cls.PREFIX + value)):
            number = int(digit) * (2 if place % 2 else 1)
            total += number - 9 if number > 9 else number
        return total % 10 == 0
