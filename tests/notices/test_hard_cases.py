"""What goes wrong on a ward: stays that were united, two nurses at once, the hour that comes twice, odd signatures."""

import threading
import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.clocks.terms import NoticeKind
from app.kernel.entered import true_time
from app.kernel.refusal import NotFound, Refused
from app.notices.appeals.commands import (
    AskAppeal,
    StrikeStep,
    TakeStep,
    ask_appeal,
    steps_of,
    strike_last,
    take_step,
)
from app.notices.appeals.models import Appeal
from app.notices.appeals.terms import AppealStep
from app.notices.commands import (
    AmendDelivery,
    EndDelivery,
    SetCoveredDay,
    amend_delivery,
    end_delivery,
    set_covered_day,
)
from app.notices.forms.commands import AddForm, add_form, end_form
from app.notices.forms.models import OfficialForm
from app.notices.models import Scan
from app.notices.paper_pages import attach_scan
from app.notices.queries import version
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.browser.journeys import stay_of
from tests.notices.support import ADMITTED, FIRST, WATCHED, deliver, owed, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

CHICAGO = ZoneInfo("America/Chicago")
MOON = {"kind": "MOON", "explained": True, "outpatient_reason": "Chest pain, results awaited"}


def united(world: World) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """A stay with a delivery that became part of another one: the former stay, the one that is left, the delivery."""
    feed = Telling(world)
    feed.tell(ADMITTED + ADMITTED.replace("A01 |", "A01 | visit E900 |"))
    former, kept = stay_of("E900"), stay_of("V100")
    made = deliver(world, former, **FIRST)
    feed.tell("A42 | visit V100 | mrg-visit E900 | rec 03-05 10:00")
    return former, kept, made.delivery_id


def test_what_is_struck_out_of_a_former_stay_is_owed_again_on_the_stay_that_is_left(world: World):
    _, _, delivery = united(world)
    assert (owed("N-IM1") or ())[2] == NOW

    with begin(world.viewer("dana"), at=NOW + timedelta(hours=1)) as work:
        end_delivery(work, delivery, EndDelivery(reason="Wrong patient"))

    assert (owed("N-IM1") or ())[2] is None


def test_a_form_that_was_open_while_its_stay_became_part_of_another_closes_it_there(world: World):
    former, _, delivery = united(world)
    with begin(world.viewer("dana"), at=NOW + timedelta(hours=1)) as work:
        end_delivery(work, delivery, EndDelivery(reason="Wrong patient"))

    deliver(world, former, NOW + timedelta(hours=2), **FIRST)

    assert (owed("N-IM1") or ())[2] == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("now", "said", "meant"),
    [
        (datetime(2026, 11, 1, 7, 45, tzinfo=UTC), time(1, 30), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
        (datetime(2026, 11, 1, 7, 15, tzinfo=UTC), time(1, 30), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        (datetime(2026, 11, 1, 6, 45, tzinfo=UTC), time(1, 30), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        (datetime(2026, 11, 3, 6, 45, tzinfo=UTC), time(1, 30), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_came_twice_is_the_last_one_that_has_been(now: datetime, said: time, meant: datetime):
    assert true_time(date(2026, 11, 1), said, now, CHICAGO) == meant


def test_correcting_something_else_keeps_the_second_of_the_delivery(world: World):
    stay = tell(world, WATCHED)
    given = datetime(2026, 3, 4, 16, 0, 40, tzinfo=UTC)
    made = deliver(world, stay, given, **MOON)

    with begin(world.viewer("dana"), at=NOW) as work:
        ask = AmendDelivery.model_validate(
            MOON | {"on": date(2026, 3, 4), "at": time(10, 0), "language": "Spanish", "because": "Language left out"}
        )
        assert amend_delivery(work, made.delivery_id, ask).delivered_at == given


def test_undo_twice_is_refused_and_strikes_out_once(world: World):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, **FIRST)
    again = EndDelivery(reason="Taken back right after it was recorded")
    with begin(world.viewer("dana"), at=NOW) as work:
        end_delivery(work, made.delivery_id, again)

    with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW) as work:
        end_delivery(work, made.delivery_id, again)


def test_two_nurses_at_once_record_one_delivery_and_the_second_is_told(world: World):
    stay = tell(world, ADMITTED)
    told: list[str] = []

    def give(name: str) -> None:
        try:
            deliver(world, stay, NOW, name, **FIRST)
        except Refused as refused:
            told.append(refused.sentence)

    both = [threading.Thread(target=give, args=(name,)) for name in ("dana", "lee")]
    for one in both:
        one.start()
    for one in both:
        one.join(20)

    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from notice_delivery where ended_at is null") == 1
    assert len(told) == 1 and "already" in told[0]


def test_two_at_once_open_one_appeal(world: World):
    stay = tell(world, ADMITTED)
    refused: list[str] = []

    def ask(name: str) -> None:
        try:
            with begin(world.viewer(name).acting(Permission.NOTICE_DELIVER), at=NOW) as work:
                ask_appeal(work, stay, AskAppeal())
        except Refused as told:
            refused.append(told.sentence)

    both = [threading.Thread(target=ask, args=(name,)) for name in ("dana", "lee")]
    for one in both:
        one.start()
    for one in both:
        one.join(20)

    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from qio_appeal where ended_at is null") == 1
    assert len(refused) == 1


def test_a_covered_day_that_is_taken_away_twice_is_refused(world: World):
    stay = tell(world, ADMITTED)
    with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW) as work:
        set_covered_day(work, stay, SetCoveredDay())


def test_a_watch_that_is_a_minute_ahead_means_now(world: World):
    stay = tell(world, ADMITTED)
    ahead = (NOW + timedelta(minutes=1)).astimezone(CHICAGO)

    assert deliver(world, stay, **FIRST, on=ahead.date(), at=time(ahead.hour, ahead.minute)).delivered_at == NOW
    with pytest.raises(Refused):
        deliver(world, stay, **FIRST, on=ahead.date(), at=time(ahead.hour, ahead.minute + 5))


@pytest.mark.parametrize("drawing", ["M", ".", "M10 20", "9.9.9"])
def test_a_field_in_which_no_line_was_drawn_is_no_signature(world: World, drawing: str):
    stay = tell(world, ADMITTED)
    with pytest.raises(Refused):
        deliver(world, stay, **FIRST, receipt="screen", drawing=drawing)


def test_papers_appeals_and_forms_of_another_facility_do_not_exist(world: World):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, **FIRST)
    with begin(world.viewer("dana"), at=NOW) as work:
        case = ask_appeal(work, stay, AskAppeal()).id
        scan = attach_scan(work, version(work, made.delivery_id), b"%PDF-1.7 signed").id
    with begin(everywhere("test"), at=NOW) as work:
        ask = AddForm(kind=NoticeKind.IM, edition="CMS-10065", begins=date(2026, 1, 1))
        form = add_form(work, world.facility["NORTH"], ask, "a\r\nb.pdf", b"%PDF-1.7 form")
        assert form.file_name == "a__b.pdf"
        form_id = form.id

    for kind, key in ((Appeal, case), (Scan, scan), (OfficialForm, form_id)):
        with pytest.raises(NotFound), begin(world.viewer("stan"), at=NOW) as work:
            work.get(kind, key, "No such thing.")
    with pytest.raises(NotFound), begin(world.viewer("stan"), at=NOW) as work:
        take_step(work, case, TakeStep(step=AppealStep.CALL))
    with pytest.raises(NotFound), begin(world.viewer("stan"), at=NOW) as work:
        end_form(work, form_id)


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script>", b"GIF89a", b"", b"PK\x03\x04"])
def test_a_scan_that_is_no_picture_and_no_pdf_is_refused(world: World, content: bytes):
    made = deliver(world, tell(world, ADMITTED), **FIRST)
    with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW) as work:
        attach_scan(work, version(work, made.delivery_id), content)


def test_a_step_that_is_struck_out_twice_takes_no_other_step_with_it(world: World):
    stay = tell(world, ADMITTED)
    with begin(world.viewer("dana"), at=NOW) as work:
        case = ask_appeal(work, stay, AskAppeal()).id
        take_step(work, case, TakeStep(step=AppealStep.CALL))
        last = steps_of(work, case)[-1].id
    twice = StrikeStep(last=last, reason="The call was about somebody else")
    with begin(world.viewer("dana"), at=NOW) as work:
        strike_last(work, case, twice)

    with pytest.raises(Refused), begin(world.viewer("lee"), at=NOW) as work:
        strike_last(work, case, twice)
    with reading(world.viewer("dana")) as view:
        assert [one.step for one in steps_of(view, case)] == ["ask"]
