"""A delivery closes what is owed at once, with evidence that stands; what is struck out is owed again."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from app.kernel.refusal import NotFound, Refused
from app.notices.commands import (
    AmendDelivery,
    EndDelivery,
    SetCoveredDay,
    amend_delivery,
    end_delivery,
    set_covered_day,
)
from app.notices.queries import notices_owed, versions
from app.notices.terms import DeliveryEnd
from app.platform.work import begin, everywhere, reading
from tests.browser.journeys import stay_of
from tests.notices.support import ADMITTED, FIRST, FOLLOW_UP, LEAVES, WATCHED, deliver, owed, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

MOON = {"kind": "MOON", "explained": True, "outpatient_reason": "Chest pain, results awaited"}
REFUSED = {"receipt": "refused", "witness_name": "Dana Whitlow", "witness_title": "RN"}
DAUGHTER = {"recipient": "representative", "recipient_name": "Mona Alder", "relation": "daughter"}
BY_TELEPHONE = DAUGHTER | {"channel": "telephone", "receipt": "telephone", "mailed_on": date(2026, 3, 5)}


def rows() -> list[tuple[Any, ...]]:
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row,
            "select receipt, made_because, ended_at, ended_because, ended_reason from notice_delivery order by made_at",
        )


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"receipt": "screen", "drawing": "M10 20L30 40"},
        {"channel": "electronic", "receipt": "screen", "drawing": "M10 20L30 40"},
        REFUSED,
        DAUGHTER,
        BY_TELEPHONE,
        {"language": "Spanish", "interpreter": "Interpreter 4411", "copies": 2},
    ],
)
def test_every_way_of_delivering_closes_the_first_copy(world: World, evidence: dict[str, Any]):
    stay = tell(world, ADMITTED)
    assert owed("N-IM1") == (True, datetime(2026, 3, 7, 5, 59, 59, tzinfo=UTC), None)

    deliver(world, stay, **FIRST, **evidence)

    closed = owed("N-IM1")
    assert closed is not None and closed[2] == NOW


def test_the_moon_needs_its_explanation_and_its_reason(world: World):
    stay = tell(world, WATCHED)

    deliver(world, stay, **MOON)

    assert (owed("N-MOON") or ())[2] == NOW


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (FIRST | {"receipt": "refused"}, "witness_name"),
        (FIRST | {"receipt": "refused", "witness_name": "Dana Whitlow"}, "witness_title"),
        (FIRST | {"receipt": "screen"}, "drawing"),
        (FIRST | {"recipient": "representative", "relation": "daughter"}, "recipient_name"),
        (FIRST | {"recipient": "representative", "recipient_name": "Mona Alder"}, "relation"),
        (FIRST | BY_TELEPHONE | {"mailed_on": None}, "mailed_on"),
        (FIRST | BY_TELEPHONE | {"recipient": "patient"}, "recipient"),
        (FIRST | BY_TELEPHONE | {"receipt": "paper"}, "receipt"),
        (FIRST | {"receipt": "telephone"}, "channel"),
        (FIRST | {"receipt": "unsigned"}, "receipt"),
        (FIRST | {"at": time(9, 44)}, "at"),
        (FIRST | {"on": date(2026, 3, 6), "at": time(9, 0)}, "at"),
        (FIRST | {"on": date(2026, 3, 4)}, "at"),
        (FIRST | {"on": date(2026, 2, 24), "at": time(9, 0)}, "on"),
        ({"kind": "IM"}, "copy"),
        (MOON | {"explained": False}, "explained"),
        (MOON | {"outpatient_reason": ""}, "outpatient_reason"),
        (MOON | REFUSED, "certified"),
        ({"kind": "HINN11"}, "item"),
        ({"kind": "HINN12"}, "basis"),
        ({"kind": "HINN12", "basis": "attending"}, "basis_name"),
        ({"kind": "HINN12", "basis": "qio"}, "basis"),
    ],
)
def test_evidence_that_would_not_stand_is_refused_beside_its_field(world: World, said: dict[str, Any], field: str):
    stay = tell(world, ADMITTED)

    with pytest.raises(Refused) as refused:
        deliver(world, stay, **said)

    assert refused.value.field == field
    assert rows() == []


def test_hinn_12_stands_on_the_attending_physician(world: World):
    stay = tell(world, ADMITTED)

    made = deliver(world, stay, kind="HINN12", basis="attending", basis_name="Ann Tending")

    assert made.basis == "attending"


def test_a_copy_of_the_week_before_admission_counts(world: World):
    stay = tell(world, ADMITTED)
    given = datetime(2026, 2, 27, 20, 0, tzinfo=UTC)

    deliver(world, stay, **FIRST, on=date(2026, 2, 27), at=time(14, 0))

    assert owed("N-IM1") == (True, datetime(2026, 3, 7, 5, 59, 59, tzinfo=UTC), given)


def test_late_keeps_its_true_time(world: World):
    stay = tell(world, ADMITTED)
    late = NOW + timedelta(days=3)

    deliver(world, stay, late, **FIRST, on=date(2026, 3, 7), at=time(8, 0))

    required, due, closed = owed("N-IM1") or (None, None, None)
    assert required and due and closed == datetime(2026, 3, 7, 14, 0, tzinfo=UTC) > due


def test_struck_out_is_owed_again_and_stays_readable(world: World):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, **FIRST)

    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=5)) as work:
        end_delivery(work, made.delivery_id, EndDelivery(reason="Wrong patient"))

    assert (owed("N-IM1") or ())[2] is None
    assert (owed("N-IM1", NOW + timedelta(minutes=1)) or ())[2] == NOW
    assert rows() == [("paper", "", NOW + timedelta(minutes=5), "struck_out", "Wrong patient")]


@pytest.mark.parametrize("how", [DeliveryEnd.STRUCK_OUT, DeliveryEnd.VOID])
def test_what_is_ended_cannot_be_ended_or_amended(world: World, how: DeliveryEnd):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, **FIRST)
    with begin(world.viewer("dana"), at=NOW) as work:
        end_delivery(work, made.delivery_id, EndDelivery(how=how, reason="Wrong form"))

    for again in (EndDelivery(reason="Once more"), AmendDelivery(because="Once more", **FIRST)):
        with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW) as work:
            if isinstance(again, AmendDelivery):
                amend_delivery(work, made.delivery_id, again)
            else:
                end_delivery(work, made.delivery_id, again)


def test_amended_is_another_version_and_moves_the_closing(world: World):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, **FIRST)
    ask = AmendDelivery(because="It was an hour earlier", at=time(8, 41), **FIRST, **REFUSED)

    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=5)) as work:
        version = amend_delivery(work, made.delivery_id, ask)

    assert version.delivery_id == made.delivery_id and version.id != made.id
    assert (owed("N-IM1") or ())[2] == NOW - timedelta(hours=1)
    assert rows() == [
        ("paper", "", NOW + timedelta(minutes=5), "amended", "It was an hour earlier"),
        ("refused", "It was an hour earlier", None, "", ""),
    ]


def test_another_notice_is_no_amendment(world: World):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, **FIRST)

    with pytest.raises(Refused) as refused, begin(world.viewer("dana"), at=NOW) as work:
        amend_delivery(work, made.delivery_id, AmendDelivery(because="Wrong copy", **FOLLOW_UP))

    assert refused.value.field == "kind"


def test_a_follow_up_copy_that_is_too_early_is_owed_again(world: World):
    stay = tell(world, ADMITTED + LEAVES)
    deliver(world, stay, **FIRST, on=date(2026, 3, 4), at=time(9, 30))
    deliver(world, stay, **FOLLOW_UP)
    assert (owed("N-IM2") or ())[2] == NOW

    tell(world, "A08 | rec 03-05 10:00 | bed 4W^401^A | expected 20260309120000 | ins MEDICARE\n", first=3)

    assert (owed("N-IM2") or ())[2] is None


def test_a_last_covered_day_starts_the_notice_of_a_swing_bed(world: World):
    stay = tell(world, ADMITTED)
    with begin(world.viewer("dana"), at=NOW) as work:
        set_covered_day(work, stay, SetCoveredDay(last_day=date(2026, 3, 12)))
    assert owed("N-NOMNC") == (True, datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC), None)

    deliver(world, stay, kind="NOMNC")
    assert (owed("N-NOMNC") or ())[2] == NOW

    with begin(world.viewer("dana"), at=NOW) as work:
        set_covered_day(work, stay, SetCoveredDay())
    assert owed("N-NOMNC") is None


def test_what_was_delivered_on_a_stay_that_became_part_of_another_counts_there(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED + ADMITTED.replace("A01 |", "A01 | visit E900 |"))
    former, kept = stay_of("E900"), stay_of("V100")
    deliver(world, former, **FIRST)

    feed.tell("A42 | visit V100 | mrg-visit E900 | rec 03-05 10:00")

    with reading(world.viewer("dana")) as view:
        assert [one.encounter_id for one in versions(view, kept)] == [former]
        assert [one.obligation.closed_at for one in notices_owed(view, kept) or [] if one.copy == "first"] == [NOW]


def test_a_stranger_reaches_no_stay_and_no_delivery(world: World):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, **FIRST)

    with pytest.raises(NotFound):
        deliver(world, stay, name="stan", **FIRST)
    with pytest.raises(NotFound), begin(world.viewer("stan"), at=NOW) as work:
        end_delivery(work, made.delivery_id, EndDelivery(reason="Not mine"))
    with pytest.raises(NotFound), begin(world.viewer("stan"), at=NOW) as work:
        end_delivery(work, uuid.uuid4(), EndDelivery(reason="Nowhere"))
