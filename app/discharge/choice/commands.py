"""Making a list, recording the answer, correcting and striking out. Nothing is rewritten; a list never changes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, BeforeValidator, Field

from app.census.united import Subject, held_subject, subject
from app.discharge.choice import queries, rules
from app.discharge.choice.events import (
    ChoiceAmended,
    ChoiceListEnded,
    ChoiceListMade,
    ChoiceRecorded,
    ChoiceStruckOut,
)
from app.discharge.choice.models import Choice, ChoiceList
from app.discharge.choice.queries import Paying
from app.discharge.choice.rules import LIFE, Said
from app.discharge.choice.snapshot import RemovedVendor, Shown, ShownVendor, digest
from app.discharge.choice.terms import (
    ChoiceAction,
    ChoiceEnd,
    ChoiceOutcome,
    ChoiceState,
    Evidence,
    GivenHow,
    GivenTo,
    ListEnd,
)
from app.discharge.terms import CareType
from app.discharge.vendors.queries import Listed, Survey, around_of, survey
from app.discharge.vendors.rules import Need
from app.discharge.vendors.terms import Capability, Order, Removal
from app.kernel.entered import kept_time, true_time
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.web.fields import Clock, Day, Key, Name, Reason, StrikeOut, Words, empty_is_none

NO_CHOICE = "There is no such choice, or it lies outside what you may see."
FROM_HOME, FROM_HOSPITAL = "home", "hospital"
USUAL_MILES = 25.0
MOST_REMOVED = 40  # entries of the list of those left out that are kept by name; all are counted


class MakeList(BaseModel):
    """What is asked of the vendors on a list. `without` are taken off by the patient's wish."""

    care_type: CareType
    within: Annotated[Annotated[float, Field(gt=0, le=500)] | None, BeforeValidator(empty_is_none)] = None
    around: Annotated[str, Field(pattern="^(home|hospital)$")] = FROM_HOSPITAL
    can: list[Capability] = Field(default_factory=list)
    language: Name = ""
    in_network: bool = False
    order: Order = Order.DISTANCE
    without: list[uuid.UUID] = Field(default_factory=list)


class RecordChoice(BaseModel):
    """The answer as somebody records it. Without day and time it was given now; both are the facility's."""

    outcome: ChoiceOutcome = ChoiceOutcome.CHOSEN
    first: Key = None
    second: Key = None
    third: Key = None
    disclosed: bool = False
    given_to: GivenTo = GivenTo.PATIENT
    recipient_name: Name = ""
    relation: Name = ""
    given_how: GivenHow = GivenHow.PAPER
    language: Name = ""
    interpreter: Name = ""
    evidence: Evidence = Evidence.PAPER
    drawing: Annotated[str, Field(max_length=60_000, pattern=r"^[ML0-9. ]*$")] = ""
    witness_name: Name = ""
    said: Words = ""
    on: Day = None
    at: Clock = None

    def vendors(self) -> list[uuid.UUID]:
        """Those that were named, in the order of preference."""
        return [one for one in (self.first, self.second, self.third) if one is not None]


class AmendChoice(RecordChoice):
    """The answer as it should be recorded, and why the earlier version was wrong."""

    because: Reason


@dataclass(frozen=True, slots=True)
class Draft:
    """A list as it would be shown now, and whether every vendor in reach was looked at."""

    shown: Shown
    whole: bool
    known_around: bool


def draft(db: Reading, stay: Subject, ask: MakeList) -> Draft:
    """The list that these needs give. Refused where the plan may not limit it."""
    payer = queries.paying(db, stay.encounter_id)
    rules.check_limits(payer.line, in_network=ask.in_network)
    from_home = ask.around == FROM_HOME
    around = (
        around_of(db, stay.facility_id, payer.zip_code if from_home else "")
        if payer.zip_code or not from_home
        else None
    )
    need = Need(
        care_type=ask.care_type, on=stay.day(db.now), within=ask.within if around else None,
        zip_code=payer.zip_code, medicare=payer.medicare, medicaid=payer.medicaid, in_network=ask.in_network,
        capabilities=frozenset(ask.can), language=ask.language,
    )  # fmt: skip
    found = survey(db, stay.facility_id, need, around, payer.code)
    return Draft(_shown(found, need, ask, payer), found.whole, around is not None)


def _shown(found: Survey, need: Need, ask: MakeList, payer: Paying) -> Shown:
    kept = [one for one in found.kept if one.vendor_id not in ask.without]
    wished = [one for one in found.kept if one.vendor_id in ask.without]
    counts = {why.value: count for why, count in found.counts().items()}
    if wished:
        counts[Removal.WISH.value] = len(wished)
    removed = [*((one, Removal.WISH) for one in wished), *found.removed]
    return Shown(
        care_type=need.care_type.value, on=need.on, order=ask.order.value, within=need.within, around=ask.around,
        capabilities=sorted(one.value for one in ask.can), language=ask.language, medicare=need.medicare,
        medicaid=need.medicaid, in_network=ask.in_network, payer_name=payer.name,
        line=payer.line.value if payer.line else "", vendors=[_frozen(one) for one in ordered(kept, ask.order)],
        removed=[RemovedVendor(one.name, _tenth(one.miles), why.value) for one, why in removed[:MOST_REMOVED]],
        counts=counts,
    )  # fmt: skip


def ordered(kept: Sequence[Listed], order: Order) -> list[Listed]:
    """Vendors in a neutral order; those that came nearest first stay so among equals."""
    if order is Order.QUALITY:
        return sorted(kept, key=lambda one: -(one.stars_overall or 0))
    return sorted(kept, key=lambda one: one.name.casefold()) if order is Order.NAME else list(kept)


def _tenth(miles: float | None) -> float | None:
    return None if miles is None else round(miles, 1)


def _frozen(one: Listed) -> ShownVendor:
    return ShownVendor(
        one.vendor_id, one.name, one.place, one.phone, _tenth(one.miles), one.network or "", one.network_since,
        one.stars_overall, one.stars_health, one.stars_staffing, one.stars_quality, one.data_on,
        list(one.capabilities), one.medicare, one.medicaid, one.interest or "", one.interest_share,
    )  # fmt: skip


def make_list(work: Work, encounter_id: uuid.UUID, ask: MakeList) -> ChoiceList:
    """Freeze a list as it is shown. A list for the same care that nobody answered counts no more."""
    stay = held_subject(work, encounter_id)
    made = draft(work, stay, ask)
    rules.check_length(len(made.shown.vendors), whole=made.whole)
    for old in queries.lists(work, [stay.encounter_id]):
        waits = old.ended_at is None and old.care_type == ask.care_type.value
        if waits and queries.state(work, old) in (ChoiceState.LISTED, ChoiceState.ASKED_AGAIN):
            _end_list(work, stay, old.id, ListEnd.REPLACED, "another list was made")
    row = work.add(
        ChoiceList(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, care_type=ask.care_type.value,
            content=msgspec.to_builtins(made.shown), digest=digest(made.shown), data_on=made.shown.data_on(),
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ChoiceListMade(**_about(stay, row), count=len(made.shown.vendors)))
    work.changed(stay.facility_id, stay.encounter_id)
    return row


def withdraw_list(work: Work, list_id: uuid.UUID, ask: StrikeOut) -> None:
    """Say that a list was made by mistake. Refused once the patient has answered to it."""
    one = queries.list_of(work, list_id)
    stay = held_subject(work, one.encounter_id)
    after(LIFE, queries.state(work, queries.list_of(work, list_id)), ChoiceAction.WITHDRAW, noun="list")
    _end_list(work, stay, list_id, ListEnd.STRUCK_OUT, ask.reason)
    work.changed(stay.facility_id, stay.encounter_id)


def _end_list(work: Work, stay: Subject, list_id: uuid.UUID, because: ListEnd, reason: str) -> None:
    row = work.lock(ChoiceList, list_id, queries.NO_LIST)
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    row.ended_because, row.ended_reason = because.value, reason
    work.write(
        "choice_link", "update choice_link set ended_at = %s, ended_by = %s where list_id = %s and ended_at is null",
        (work.now, work.who.actor_id, list_id),
    )  # fmt: skip
    work.record(ChoiceListEnded(**_about(stay, row), because=because.value))


def record_choice(work: Work, list_id: uuid.UUID, ask: RecordChoice) -> Choice:
    """Record what the patient answered to a list; an earlier answer to it stays readable."""
    one = queries.list_of(work, list_id)
    stay = held_subject(work, one.encounter_id)
    one = queries.list_of(work, list_id)
    after(LIFE, queries.state(work, one), rules.OF_OUTCOME[ask.outcome], noun="list")
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    said = _said(ask)
    rules.check_choice(said, one.content, at, work.now, one.made_at)
    for key in work.values("select id from choice where list_id = %s and ended_at is null", (list_id,)):
        _end_choice(work, key, ChoiceEnd.LATER, "the patient answered again")
    made = _store(work, stay, one, _Version(uuid.uuid4(), at, ask))
    work.record(
        ChoiceRecorded(
            **_about(stay, one), choice_id=made.choice_id, vendor_id=made.vendors[0] if made.vendors else None,
            outcome=made.outcome, chosen_at=at,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_choice(work: Work, choice_id: uuid.UUID, ask: AmendChoice) -> Choice:
    """Correct what was recorded, but not what came of it: for another answer record another one."""
    stay, row, one = _held(work, choice_id)
    after(LIFE, queries.state(work, one), ChoiceAction.AMEND, noun="choice")
    if ask.outcome.value != row.outcome:
        raise Refused("A correction keeps what came of it. Record another answer, or strike this one out.",
                      field="outcome")  # fmt: skip
    kept = (ask.on is None and ask.at is None) or kept_time(ask.on, ask.at, row.chosen_at, stay.zone)
    at = row.chosen_at if kept else true_time(ask.on, ask.at, work.now, stay.zone)
    rules.check_choice(_said(ask), one.content, at, work.now, one.made_at)
    _end_choice(work, row.id, ChoiceEnd.AMENDED, ask.because)
    made = _store(work, stay, one, _Version(choice_id, at, ask, ask.because))
    first = made.vendors[0] if made.vendors else None
    work.record(ChoiceAmended(**_about(stay, one), choice_id=choice_id, vendor_id=first))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_choice(work: Work, choice_id: uuid.UUID, ask: StrikeOut) -> uuid.UUID:
    """Say that an answer was recorded by mistake; the list stands and waits. Returns the stay."""
    stay, row, one = _held(work, choice_id)
    after(LIFE, queries.state(work, one), ChoiceAction.STRIKE_OUT, noun="choice")
    _end_choice(work, row.id, ChoiceEnd.STRUCK_OUT, ask.reason)
    work.record(ChoiceStruckOut(**_about(stay, one), choice_id=choice_id))
    work.changed(stay.facility_id, stay.encounter_id)
    return stay.encounter_id


def _held(work: Work, choice_id: uuid.UUID) -> tuple[Subject, Choice, queries.ListRow]:
    stay_id = work.value("select encounter_id from choice where choice_id = %s limit 1", (choice_id,))
    if stay_id is None:
        raise NotFound(NO_CHOICE)
    stay = held_subject(work, stay_id)
    key = work.value("select id from choice where choice_id = %s and ended_at is null", (choice_id,))
    if key is None:
        raise Refused("This answer does not stand any more. Look at the page again.")
    row = work.lock(Choice, key, NO_CHOICE)
    return stay, row, queries.list_of(work, row.list_id)


def _said(ask: RecordChoice) -> Said:
    return Said(
        outcome=ask.outcome, vendors=ask.vendors(), disclosed=ask.disclosed, given_to=ask.given_to,
        recipient_name=ask.recipient_name, relation=ask.relation, evidence=ask.evidence, drawing=ask.drawing,
        witness_name=ask.witness_name,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Version:
    choice_id: uuid.UUID
    at: datetime
    ask: RecordChoice
    because: str = ""


def _store(work: Work, stay: Subject, one: queries.ListRow, version: _Version) -> Choice:
    ask, vendors = version.ask, version.ask.vendors()
    texts = ask.model_dump(
        mode="json",
        include={"outcome", "given_to", "recipient_name", "relation", "given_how", "language", "interpreter",
                 "evidence", "witness_name", "said"},
    )  # fmt: skip
    return work.add(
        Choice(
            **texts, facility_id=stay.facility_id, choice_id=version.choice_id, list_id=one.id,
            encounter_id=stay.encounter_id, vendors=vendors,
            affiliated=[key for key in vendors if key in one.content.affiliated], disclosed=ask.disclosed,
            drawing=ask.drawing if ask.evidence is Evidence.DRAWN else "", chosen_at=version.at, made_at=work.now,
            made_by=work.who.actor_id, made_because=version.because,
        )
    )  # fmt: skip


def _end_choice(work: Work, key: uuid.UUID, because: ChoiceEnd, reason: str) -> None:
    row = work.lock(Choice, key, NO_CHOICE)
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    row.ended_because, row.ended_reason = because.value, reason
    work.session.flush()


def _about(stay: Subject, one: ChoiceList | queries.ListRow) -> dict[str, Any]:
    return {
        "facility_id": stay.facility_id, "encounter_id": stay.encounter_id, "patient_id": stay.patient_id,
        "list_id": one.id, "care_type": one.care_type,
    }  # fmt: skip


def about_list(work: Work, list_id: uuid.UUID) -> tuple[Subject, queries.ListRow, dict[str, Any]]:
    """The stay of a list, the list, and what every event about it names."""
    one = queries.list_of(work, list_id)
    stay = subject(work, one.encounter_id)
    return stay, one, _about(stay, one)
