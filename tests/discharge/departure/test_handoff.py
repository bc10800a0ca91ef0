"""Hand-off packets: what they hold, what they lack, the FHIR document, the way that each one takes."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.discharge.departure.models import HandoffPacket
from app.discharge.departure.papers.commands import (
    ConfirmPacket,
    MakePacket,
    ReleasePacket,
    WithdrawPacket,
    confirm_packet,
    make_packet,
    release_packet,
    take_back_step,
    withdraw_packet,
)
from app.discharge.departure.queries import packet
from app.discharge.departure.rules import PACKET_LIFE
from app.discharge.departure.terms import Channel, Item, ItemState, PacketAction, PacketState
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, everywhere, reading
from tests.discharge.departure.support import known, made, planner, state_of
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

RELEASE = ReleasePacket(recipient="Oak Hill", channel=Channel.FAX)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def kept(key: uuid.UUID) -> HandoffPacket:
    with begin(everywhere("test")) as work:
        return work.get(HandoffPacket, key)


def resources(key: uuid.UUID) -> dict[str, list[dict[str, Any]]]:
    """The resources of the document by type; the standard's own model has read it first."""
    text = kept(key).document.decode()
    Bundle.model_validate_json(text)
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in json.loads(text)["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def test_the_document_begins_with_its_composition_and_names_what_it_refers_to(world: World, stay: uuid.UUID):
    known(world, stay)
    text = kept(made(world, stay)).document.decode()
    bundle = json.loads(text)

    assert bundle["type"] == "document" and bundle["entry"][0]["resource"]["resourceType"] == "Composition"
    assert bundle["identifier"]["value"] and bundle["timestamp"].endswith("-06:00")
    addresses = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(addresses) == len(bundle["entry"])
    named = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert named and named <= addresses


def test_the_document_codes_what_is_recorded(world: World, stay: uuid.UUID):
    known(world, stay)
    found = resources(made(world, stay))

    assert [one["code"] for one in found["Condition"]] == [
        {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J18.9"}], "text": "Pneumonia & cough"}
    ]
    assert found["MedicationStatement"][0]["dosage"] == [{"text": "5 mg"}]
    assert found["Goal"][0]["description"]["text"] == "Walk to church"
    assert found["CarePlan"][0]["description"].startswith("Going to: Skilled nursing (SNF).")
    assert {one["name"] for one in found["Organization"]} == {"North Harbor Hospital", "Oak Hill"}
    assert found["Patient"][0]["birthDate"] == "1958-02-14" and found["Patient"][0]["gender"] == "female"
    sections = {one["title"]: one for one in found["Composition"][0]["section"]}
    assert "Pneumonia &amp; cough" in sections["Diagnoses"]["text"]["div"]
    assert "Caregiver" in sections["Not recorded"]["text"]["div"]


def test_a_packet_of_nothing_says_what_is_missing_and_goes_out_only_with_a_reason(world: World, stay: uuid.UUID):
    key = made(world, stay, recipient="")
    found = resources(key)
    (gaps,) = [one["text"]["div"] for one in found["Composition"][0]["section"] if one["title"] == "Not recorded"]
    assert all(word in gaps for word in ("Diagnoses", "List of medicines", "Goals of the patient", "Recipient"))
    assert "Condition" not in found and "CarePlan" not in found

    with pytest.raises(Refused, match="The packet lacks: diagnoses, where the patient goes, list of medicines, goals"):
        move(world, key, PacketAction.RELEASE)

    move(world, key, PacketAction.RELEASE, release=RELEASE.model_copy(update={"reason": "The ambulance waits"}))
    with reading(everywhere("test")) as db:
        assert packet(db, key).state is PacketState.SENT
        assert packet(db, key).steps[0].reason == "The ambulance waits"


def test_the_packet_stays_as_it_was_made(world: World, stay: uuid.UUID):
    known(world, stay)
    key = made(world, stay)
    before = kept(key)
    later = made(world, stay, at=NOW + timedelta(hours=1))

    assert kept(key).content == before.content and before.content.startswith(b"%PDF-")
    assert kept(later).digest == before.digest  # it says the same
    assert kept(later).id != before.id


def test_a_sent_packet_closes_its_item_until_it_is_withdrawn(world: World, stay: uuid.UUID):
    known(world, stay)
    key = made(world, stay)
    assert state_of(stay, Item.PACKET) is ItemState.OPEN

    move(world, key, PacketAction.RELEASE)
    assert state_of(stay, Item.PACKET) is ItemState.DONE

    move(world, key, PacketAction.WITHDRAW)
    assert state_of(stay, Item.PACKET) is ItemState.OPEN


def test_records_of_part_2_go_out_only_with_consent(world: World):
    stay = add_stay(world, StaySpec(sensitivity="part2"))
    with begin(everywhere("test"), at=NOW) as work:
        key = make_as(work, stay)
    said = RELEASE.model_copy(update={"reason": "The ambulance waits"})
    with pytest.raises(Refused, match="42 CFR Part 2"), begin(everywhere("test"), at=NOW) as work:
        release_packet(work, key, said)

    with begin(everywhere("test"), at=NOW) as work:
        release_packet(work, key, said.model_copy(update={"consented": True}))
        assert "consented in writing" in packet(work, key).steps[0].reason


def make_as(work: Work, stay: uuid.UUID) -> uuid.UUID:
    return make_packet(work, stay, MakePacket(recipient="Oak Hill"), "Test").id


def move(
    world: World, key: uuid.UUID, action: PacketAction, at: datetime = NOW, release: ReleasePacket = RELEASE
) -> None:
    deeds = {
        PacketAction.RELEASE: lambda work: release_packet(work, key, release),
        PacketAction.CONFIRM: lambda work: confirm_packet(work, key, ConfirmPacket()),
        PacketAction.WITHDRAW: lambda work: withdraw_packet(work, key, WithdrawPacket(reason="Wrong list")),
        PacketAction.TAKE_BACK: lambda work: take_back_step(work, key),
    }
    with begin(planner(world), at=at) as work:
        deeds[action](work)


def machine(world: World, stay: uuid.UUID) -> type[RuleBasedStateMachine]:
    class Travelling(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.at, self.key, self.state = NOW, made(world, stay), PacketState.MADE

        @rule(action=st.sampled_from(PacketAction))
        def act(self, action: PacketAction) -> None:
            self.at += timedelta(minutes=3)
            expected = PACKET_LIFE.get((self.state, action))
            if expected is None:
                with pytest.raises(Refused):
                    move(world, self.key, action, at=self.at)
                return
            move(world, self.key, action, at=self.at)
            self.state = expected

        @invariant()
        def table_and_database_agree(self) -> None:
            with reading(everywhere("test")) as db:
                assert packet(db, self.key).state is self.state

    return Travelling


def test_any_order_of_steps_follows_the_table(world: World, stay: uuid.UUID):
    known(world, stay)
    few = settings(max_examples=5, stateful_step_count=8, deadline=None)
    run_state_machine_as_test(machine(world, stay), settings=few)
