"""The checklist of departure as it stands, for one stay or for many at once, and packets with their way."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.discharge.departure import evidence, rules
from app.discharge.departure.rules import Said, Standing
from app.discharge.departure.terms import Item, ItemState, PacketAction, PacketState
from app.discharge.plan.queries import dispositions, expected_dates
from app.discharge.terms import CareType
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.platform.work import Reading

NO_PACKET = "There is no such packet, or it lies outside what you may see."


class Head(msgspec.Struct):
    """What the checklist asks of a stay: where it goes, when, and whether the patient has left; the facility's zone."""

    encounter_id: uuid.UUID
    left_at: datetime | None
    left_precise: bool
    timezone: str
    destination: CareType | None = None
    expected_on: date | None = None


class Mark(msgspec.Struct):
    """What somebody said of an item."""

    encounter_id: uuid.UUID
    item: str
    state: str
    at: datetime
    done_by: str
    with_whom: str
    planned_at: datetime | None
    reason: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str


class Line(msgspec.Struct):
    """One item of the checklist: how it stands and what was said of it."""

    standing: Standing
    mark: Mark | None


class Checklist(msgspec.Struct):
    """The checklist of one stay."""

    head: Head
    lines: list[Line]

    @property
    def open(self) -> list[Item]:
        """What is still to be done, or was left without a reason."""
        return [one.standing.item for one in self.lines if one.standing.open]


_HEADS = """
select e.id, case when e.status = 'discharged' then e.discharge_at end, e.discharge_precise, f.timezone
from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)
"""
_MARKS = """
select i.encounter_id, i.item, i.state, i.at, i.done_by, i.with_whom, i.planned_at, i.reason, i.made_at,
  coalesce(m.display_name, ''), i.ended_at, coalesce(b.display_name, '')
from departure_item i left join app_user m on m.id = i.made_by left join app_user b on b.id = i.ended_by
where i.encounter_id = any(%s)
"""


def checklists(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Checklist]:
    """The checklists of these stays, by a fixed number of statements however many they are."""
    belongs = with_former(db, encounter_ids)
    proofs, unasked = _proofs(db, belongs)
    marks = {
        (belongs[one.encounter_id], Item(one.item)): one
        for one in db.rows(Mark, f"{_MARKS} and i.ended_at is null order by i.made_at", (list(belongs),))
    }
    going = {one.encounter_id: one.to for one in dispositions(db, encounter_ids)}
    leaving = {one.encounter_id: one.expected_on for one in expected_dates(db, encounter_ids)}
    found = {}
    for head in db.rows(Head, _HEADS, (list(encounter_ids),)):
        stay = head.encounter_id
        head.destination, head.expected_on = going.get(stay), leaving.get(stay)
        lines = []
        for item in rules.items_for(head.destination):
            mark = marks.get((stay, item))
            said = Said(ItemState(mark.state), mark.at) if mark else None
            owed = (stay, item) not in unasked
            lines.append(Line(rules.standing(item, said, proofs.get((stay, item)), owed=owed), mark))
        found[stay] = Checklist(head, lines)
    return found


def _proofs(
    db: Reading, belongs: Mapping[uuid.UUID, uuid.UUID]
) -> tuple[dict[tuple[uuid.UUID, Item], datetime], set[tuple[uuid.UUID, Item]]]:
    """Instants of records that close items, and items that nothing asks for."""
    rows: list[tuple[uuid.UUID, str, datetime | None, bool]] = db.rows(_row, evidence.OF_STAYS, (list(belongs),))
    proofs: dict[tuple[uuid.UUID, Item], datetime] = {}
    asked: set[tuple[uuid.UUID, Item]] = set()
    for former, item, at, needed in rows:
        subject = (belongs[former], Item(item))
        if at is not None:
            proofs[subject] = max(at, proofs.get(subject, at))
        if needed:
            asked.add(subject)
    every = {(stay, item) for stay in belongs.values() for item in Item}
    return proofs, every - asked


def _row(*values: Any) -> tuple[Any, ...]:
    return values


def checklist(db: Reading, encounter_id: uuid.UUID) -> Checklist:
    """The checklist of one stay; NotFound outside the reader's scope."""
    found = checklists(db, [encounter_id])
    if encounter_id not in found:
        raise NotFound("There is no such stay, or it lies outside what you may see.")
    return found[encounter_id]


def history(db: Reading, encounter_id: uuid.UUID) -> list[Mark]:
    """Everything that was ever said of the items of a stay, the latest first."""
    stays = list(with_former(db, [encounter_id]))
    return db.rows(Mark, f"{_MARKS} order by i.made_at desc", (stays,))


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many items are open once departure is near or past; empty before, and for none."""
    found = checklists(db, [encounter_id]).get(encounter_id)
    if found is None or not found.open:
        return ""
    expected = found.head.expected_on
    today = local_day(db.now, ZoneInfo(found.head.timezone))
    near = found.head.left_at is not None or (expected is not None and (expected - today).days <= 1)
    return str(len(found.open)) if near else ""


class PacketStep(msgspec.Struct):
    """A step of a packet's way that stands."""

    packet_id: uuid.UUID
    action: str
    at: datetime
    recipient: str
    channel: str
    reason: str
    made_at: datetime
    made_by: str


class Packet(msgspec.Struct):
    """A packet without its bytes."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    recipient: str
    destination: str
    manifest: dict[str, Any]
    digest: str
    made_at: datetime
    made_by: str
    steps: list[PacketStep] = []

    @property
    def state(self) -> PacketState:
        """Where it stands after the steps that stand."""
        return state_after([PacketAction(one.action) for one in self.steps])

    @property
    def absent(self) -> list[str]:
        """Parts that are missing, as words of `Part`."""
        return [str(part) for part in self.manifest.get("missing", ())]


_PACKETS = """
select p.id, p.encounter_id, p.facility_id, p.recipient, p.destination, p.manifest, p.digest, p.made_at,
  coalesce(m.display_name, '') from handoff_packet p left join app_user m on m.id = p.made_by
"""
_STEPS = """
select s.packet_id, s.action, s.at, s.recipient, s.channel, s.reason, s.made_at, coalesce(m.display_name, '')
from handoff_step s left join app_user m on m.id = s.made_by
where s.packet_id = any(%s) and s.ended_at is null order by s.made_at, s.id
"""


def packets(db: Reading, encounter_id: uuid.UUID) -> list[Packet]:
    """The packets of a stay, the latest first."""
    stays = list(with_former(db, [encounter_id]))
    return _packets(db, "where p.encounter_id = any(%s) order by p.made_at desc", stays)


def packet(db: Reading, packet_id: uuid.UUID) -> Packet:
    """One packet; NotFound outside the reader's scope."""
    found = _packets(db, "where p.id = %s", packet_id)
    if not found:
        raise NotFound(NO_PACKET)
    return found[0]


def _packets(db: Reading, condition: str, value: object) -> list[Packet]:
    found = {one.id: one for one in db.rows(Packet, f"{_PACKETS} {condition}", (value,))}
    for step in db.rows(PacketStep, _STEPS, (list(found),)):
        found[step.packet_id].steps.append(step)
    return list(found.values())


def state_after(actions: Sequence[PacketAction]) -> PacketState:
    """The state after these steps, in order."""
    state = PacketState.MADE
    for action in actions:
        state = rules.PACKET_LIFE[state, action]
    return state
