"""Parts of a packet about a stay (review packet, appeal packet, hand-off), lent by features as plain data.

Whoever makes a packet asks every lender for its sections and sets them in order; it does not know who lent them.
Whoever lets something leave asks here whether it may: records of addiction treatment leave only with a consent
(42 CFR 2.31).
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.platform.work import Reading

PROHIBITION = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""The statement of 42 CFR 2.32(a)(2), word by word; it goes with every disclosure."""
NOTICE = "part2_notice"
_UNRECORDED = "No consent was recorded when this was made. Enclose a copy of the patient's consent."
_WITH_YEAR = date.min


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under heads. Every row has as many cells as there are heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Block:
    """One thing of a section: what it is about, facts by name, text in paragraphs, a table; any may be empty."""

    heading: str = ""
    facts: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a packet. `key` is a stable word by which somebody leaves it out; `place` orders sections."""

    key: str
    title: str
    place: int
    blocks: Sequence[Block] = field(default_factory=tuple)


class Recipient(StrEnum):
    """Who gets what leaves."""

    PAYER = "payer"  # whoever pays for the stay or decides for them
    CAREGIVER = "caregiver"  # the next place or service, and whoever is asked to be it


@dataclass(frozen=True, slots=True)
class Permit:
    """The consent on which records leave. `covers` says to whom, in words; `scope` is what the patient agreed to."""

    consent_id: uuid.UUID
    covers: str
    scope: str
    given_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Whether the stay holds records of addiction treatment, and the consent that lets them leave today, if any."""

    part2: bool
    permit: Permit | None = None

    @property
    def lacks_consent(self) -> bool:
        """Whether nothing may leave."""
        return self.part2 and self.permit is None

    @property
    def consent_id(self) -> uuid.UUID | None:
        """The consent that something leaves on, for the trail; None where none is needed."""
        return self.permit.consent_id if self.part2 and self.permit is not None else None


class ConsentMissing(Refused):
    """Records of addiction treatment would leave without a consent."""


MISSING = {
    Recipient.PAYER: (
        "This stay holds records of addiction treatment (42 CFR Part 2), and no consent for payers holds today: nothing"
        " leaves for a payer. On the stay's Referrals, under Consent to send records, case managers record one."
    ),
    Recipient.CAREGIVER: (
        "This stay holds records of addiction treatment (42 CFR Part 2), and no consent holds today. Record it on the"
        " stay's Referrals, under Consent to send records, or say that the patient consented in writing."
    ),
}

Guard = Callable[[Reading, uuid.UUID, Recipient, date], Leaving]
"""What is known of a stay and its consents on a day, also of numbers that turned out to be part of it."""

SectionSource = Callable[[Reading, uuid.UUID], Sequence[Section]]
"""Sections that a feature has for a stay, ready to show, as of the reading; none where it has nothing."""

_sources: list[SectionSource] = []
_guard: list[Guard] = []


def install(sources: Sequence[SectionSource], guard: Guard) -> None:
    """Hand over the lenders, and who knows the consents (app/wiring.py)."""
    _sources[:], _guard[:] = sources, [guard]


def sections(db: Reading, encounter_id: uuid.UUID) -> list[Section]:
    """All sections of a stay that have something to say, in the order of a packet."""
    found = [one for source in _sources for one in source(db, encounter_id) if one.blocks]
    return sorted(found, key=lambda one: (one.place, one.key))


def leaving(db: Reading, encounter_id: uuid.UUID, recipient: Recipient, today: date) -> Leaving:
    """Whether something about the stay needs a consent to leave for that recipient, and has one."""
    if not _guard:
        raise RuntimeError("Nothing leaves: app/wiring.py has not said who knows the consents.")
    return _guard[0](db, encounter_id, recipient, today)


def lacks_consent(db: Reading, encounter_id: uuid.UUID, recipient: Recipient, today: date) -> bool:
    """Whether nothing may leave for that recipient, for the forms that only record what was told."""
    return leaving(db, encounter_id, recipient, today).lacks_consent


def let_go(db: Reading, encounter_id: uuid.UUID, recipient: Recipient, today: date) -> Leaving:
    """The same, where something leaves now. ConsentMissing without the consent that it needs."""
    return let_pass(leaving(db, encounter_id, recipient, today), recipient)


def let_pass(found: Leaving, recipient: Recipient) -> Leaving:
    """What is known already, if it lets something leave; ConsentMissing if not."""
    if found.lacks_consent:
        raise ConsentMissing(MISSING[recipient])
    return found


def with_consent(detail: str, found: Leaving) -> str:
    """What the trail says of something that was taken out, with the consent on which it left."""
    return f"{detail}, consent {found.consent_id}" if found.consent_id else detail


def notice(found: Leaving) -> list[Section]:
    """What stands first in every packet of such a stay: the statement of 42 CFR 2.32(a)(2) and, as 2.32(b) wants it,
    what the consent covers. Nothing for other stays."""
    if not found.part2:
        return []
    one = found.permit
    if one is None:
        told = Block(paragraphs=[_UNRECORDED])
    else:
        until = day_text(one.ends_on, _WITH_YEAR) if one.ends_on else "until it is revoked"
        facts = [("Records may go to", one.covers), ("What may be told", one.scope),
                 ("Given on", day_text(one.given_on, _WITH_YEAR)), ("Holds to", until)]  # fmt: skip
        told = Block("The patient's consent (42 CFR 2.31)", facts=facts)
    return [Section(NOTICE, "Notice", 0, [Block(paragraphs=[PROHIBITION]), told])]
