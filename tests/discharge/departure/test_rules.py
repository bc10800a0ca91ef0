"""Which items a destination asks for, how an item stands, what keeps a packet back."""

from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.discharge.departure.rules import (
    CLOSED_BY_EVIDENCE,
    LIFE,
    PACKET_LIFE,
    REQUIRED,
    Said,
    blocks_release,
    items_for,
    missing,
    standing,
)
from app.discharge.departure.terms import Item, ItemState, PacketState, Part
from app.discharge.terms import CareType
from app.kernel.transitions import finals, unreachable

AT = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)
_I = Item
ALWAYS = {_I.MEDICINES, _I.TRANSPORT, _I.SUMMARY, _I.NOTICES}
# 42 CFR 482.43(b) and (c), 42 CFR 483.100, 42 USC 1395dd(c); going home asks for appointment, teaching, equipment.
ASKED = {
    CareType.HOME: ALWAYS | {_I.APPOINTMENT, _I.TEACH_BACK, _I.EQUIPMENT},
    CareType.HOME_HEALTH: ALWAYS | {_I.APPOINTMENT, _I.TEACH_BACK, _I.EQUIPMENT, _I.CHOICE, _I.PACKET},
    CareType.SNF: ALWAYS | {_I.CHOICE, _I.PACKET, _I.PASRR},
    CareType.NF: ALWAYS | {_I.PACKET, _I.PASRR},
    CareType.IRF: ALWAYS | {_I.CHOICE, _I.PACKET},
    CareType.LTCH: ALWAYS | {_I.CHOICE, _I.PACKET},
    CareType.ACUTE: ALWAYS | {_I.PACKET, _I.ACCEPTED, _I.CERTIFIED},
    CareType.HOSPICE_FACILITY: ALWAYS | {_I.PACKET},
    None: ALWAYS | {_I.APPOINTMENT, _I.TEACH_BACK},
}


@pytest.mark.parametrize("destination", ASKED, ids=str)
def test_items_follow_from_where_the_patient_goes(destination: CareType | None):
    assert set(items_for(destination)) == ASKED[destination]


def test_life_cycles_have_no_dead_corner():
    assert unreachable(LIFE, ItemState.OPEN) == [] and finals(LIFE) == []
    assert unreachable(PACKET_LIFE, PacketState.MADE) == [] and finals(PACKET_LIFE) == [PacketState.WITHDRAWN]


@given(st.sampled_from(Item), st.sampled_from([ItemState.DONE, ItemState.NOT_NEEDED, ItemState.WITHOUT, None]))
def test_a_record_elsewhere_closes_an_item_whatever_was_said(item: Item, said: ItemState | None):
    mark = Said(said, AT) if said else None

    assert standing(item, mark, AT).state is ItemState.DONE
    assert standing(item, mark, None).state is (said or ItemState.OPEN)


def test_what_nothing_asks_for_is_not_needed():
    assert standing(Item.NOTICES, None, None, owed=False).state is ItemState.NOT_NEEDED


def test_only_records_close_notices_choice_and_packet():
    assert {Item.NOTICES, Item.CHOICE, Item.PACKET} == CLOSED_BY_EVIDENCE


@given(st.sets(st.sampled_from(Part)))
def test_only_required_parts_keep_a_packet_back(present: set[Part]):
    absent = missing(present)

    assert set(absent) == set(Part) - present
    assert set(blocks_release(absent)) == (set(Part) - present) & REQUIRED
