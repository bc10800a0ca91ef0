"""Stays that are about to leave, and what people say of their checklist."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.discharge.departure.commands import SayItem, say_item, take_back
from app.discharge.departure.papers.commands import MakePacket, ReleasePacket, make_packet, release_packet
from app.discharge.departure.queries import Checklist, checklist
from app.discharge.departure.terms import Channel, Item, ItemState
from app.discharge.plan.commands import SetDisposition, set_disposition
from app.discharge.rounds.cases import PutOnList, ReviewCase, put_on_list, review_case
from app.discharge.rounds.commands import (
    BeginConference,
    SetAction,
    WriteNote,
    begin_conference,
    set_action,
    write_note,
)
from app.discharge.teaching.commands import record_teaching
from app.discharge.teaching.forms import Entry, ListMedicine, StateGoal, TeachTopic
from app.discharge.teaching.terms import Hindrance
from app.discharge.terms import CareType
from app.platform.work import Who, begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.world import NOW, World


def planner(world: World, name: str = "dana") -> Any:
    """This person as somebody who writes plans."""
    return world.viewer(name).acting(Permission.PLAN_WRITE)


def going(world: World, stay: uuid.UUID, to: CareType, at: datetime = NOW) -> None:
    """Say where the patient goes."""
    with begin(planner(world), at=at) as work:
        set_disposition(work, stay, SetDisposition(going_to=to))


def say(world: World, stay: uuid.UUID, item: Item, now: datetime = NOW, **said: Any) -> None:
    """Say something of an item."""
    with begin(planner(world), at=now) as work:
        say_item(work, stay, SayItem.model_validate({"item": item, **said}))


def unsay(world: World, stay: uuid.UUID, item: Item, at: datetime = NOW) -> None:
    """Take it back."""
    with begin(planner(world), at=at) as work:
        take_back(work, stay, item)


def teach(world: World, stay: uuid.UUID, *asks: Entry, at: datetime = NOW) -> None:
    """Record teaching."""
    for ask in asks:
        with begin(planner(world), at=at) as work:
            record_teaching(work, stay, ask)


def known(world: World, stay: uuid.UUID) -> None:
    """Everything that a packet must hold: diagnosis, medicine, goal, destination."""
    world.owner.execute("select set_config('app.actor', 'test', false), set_config('app.now', %s, false)", (str(NOW),))
    world.owner.execute(
        "insert into diagnosis (encounter_id, facility_id, rank, code, text)"
        " select id, facility_id, 1, 'J18.9', 'Pneumonia & cough' from encounter where id = %s",
        (stay,),
    )
    going(world, stay, CareType.SNF)
    teach(world, stay, ListMedicine(name="Apixaban", dose="5 mg", purpose="clots"), StateGoal(goal="Walk to church"))


def made(world: World, stay: uuid.UUID, recipient: str = "Oak Hill", at: datetime = NOW) -> uuid.UUID:
    """A packet of the parts about care."""
    with begin(planner(world), at=at) as work:
        return make_packet(work, stay, MakePacket(recipient=recipient), "Dana Whitlow").id


def stands(stay: uuid.UUID) -> Checklist:
    """The checklist, as anybody reads it."""
    with reading(everywhere("test")) as db:
        return checklist(db, stay)


def state_of(stay: uuid.UUID, item: Item) -> ItemState | None:
    """How an item stands; None where it is not asked."""
    found = [one.standing.state for one in stands(stay).lines if one.standing.item is item]
    return found[0] if found else None


def leaving(who: Who, stay: uuid.UUID, words: str) -> dict[str, str]:
    """A stay with one of everything of rounds, teaching and departure; keys by name of route parameter."""
    with begin(who) as work:
        facility_id, unit = work.rows(
            lambda *row: row, "select facility_id, unit from encounter where id = %s", (stay,)
        )[0]
        zone = ZoneInfo("America/Chicago")
        conference = begin_conference(work, (facility_id, unit), BeginConference(people=words), zone).id
        write_note(work, conference, stay, WriteNote(said=words))
        action = set_action(work, stay, SetAction(what=words, owner="Sol", conference_id=conference)).action_id
        put_on_list(work, stay, PutOnList(owner=words))
        review_case(work, stay, ReviewCase(next_step=words, barrier=words))
        medicine = ListMedicine(name="Apixaban", dose="5 mg", hindrance=Hindrance.COST, program=words)
        taught = record_teaching(work, stay, TeachTopic(topic=words, red_flags=words)).record_id
        record_teaching(work, stay, medicine)
        say_item(work, stay, SayItem(item=Item.SUMMARY, with_whom=words))
        packet = make_packet(work, stay, MakePacket(recipient=words), "Dana Whitlow").id
        release_packet(work, packet, ReleasePacket(recipient=words, channel=Channel.FAX, reason=words))
    return {
        "conference_id": str(conference), "action_id": str(action), "teaching_id": str(taught),
        "handoff_id": str(packet), "item": "medicines", "step": "finish",
    }  # fmt: skip
