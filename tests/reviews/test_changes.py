"""What changed on a stay since the last review, as the census knows it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.platform.work import everywhere, reading
from app.reviews.writing.changes import census_changes
from tests.reviews.support import tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

CAME = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE | expected 20260306120000\n"
MOVED = "A02 | rec 03-05 07:00 | occ 03-05 07:00 | bed ICU^07^A | ins MEDICARE | expected 20260306120000\n"
LATER = "A08 | rec 03-05 08:00 | bed ICU^07^A | ins MEDICARE | expected 20260309120000\n"
BACK = "A08 | rec 03-05 09:00 | bed ICU^07^A | ins MEDICARE | expected 20260306120000\n"
REVIEWED = datetime(2026, 3, 4, 16, 0, tzinfo=ZoneInfo("America/New_York"))


def changes(
    world: World, story: str, since: datetime = REVIEWED, as_of: datetime | None = None
) -> list[tuple[str, str, str]]:
    stay = tell(world, CAME)
    Telling(world, first=2).tell(story)
    with reading(everywhere("test"), at=NOW, as_of=as_of) as view:
        return sorted((one.label, one.before, one.after) for one in census_changes(view, stay, since))


def test_a_new_place_and_another_expected_day(world: World):
    assert changes(world, MOVED + LATER) == [
        ("Expected discharge", "Fri 6 Mar 11:00", "Mon 9 Mar 11:00"),
        ("Place", "4 West 401-A", "Intensive care 07-A"),
    ]


def test_what_went_to_and_fro_is_no_change(world: World):
    assert [one[0] for one in changes(world, MOVED + LATER + BACK)] == ["Place"]


def test_what_was_so_before_the_last_review_is_not_named(world: World):
    assert changes(world, MOVED, since=NOW - timedelta(minutes=1)) == []
