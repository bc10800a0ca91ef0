"""What is owed for a stay may hang on another stay of the same person: it follows when that one becomes another."""

from collections.abc import Sequence

import pytest

from app.clocks.upkeep.agreement import differences
from app.platform.work import everywhere, reading
from tests.support.feed import Telling
from tests.support.world import NOW, World

FIRST = "A01 | rec 02-20 08:15 | occ 02-20 08:00 | bed 4W^401^A | patient M1 | visit V1"
SECOND = "A01 | rec 03-02 08:15 | occ 03-02 08:00 | bed 4W^402^A | patient M1 | visit V2"
HOME = "A03 | rec 02-25 11:30 | occ 02-25 11:20 | bed 4W^401^A | disp 01 | patient M1 | visit V1"
NOT_HOME = "A13 | rec 03-03 10:00 | occ 03-03 10:00 | bed 4W^401^A | patient M1 | visit V1"
OTHERS = [FIRST.replace("M1", "M9"), HOME.replace("M1", "M9")]
MERGED = "A40 | rec 03-03 10:00 | patient M1 | mrg M9"


def interview() -> list[object]:
    with reading(everywhere("test")) as view:
        return view.values(
            "select o.start_at::text from obligation o join encounter e on e.id = o.encounter_id"
            " where o.rule = 'TC-INTERVIEW' and o.ended_at is null and e.visit_number = 'V2'"
        )


@pytest.mark.parametrize(
    ("story", "owed"),
    [([FIRST, SECOND, HOME], True), ([FIRST, HOME, SECOND, NOT_HOME], False), ([FIRST, HOME, SECOND], True),
     ([*OTHERS, SECOND], False), ([*OTHERS, SECOND, MERGED], True)],
    ids=["discharge came late", "discharge was cancelled", "in order", "another person", "the same person after all"],
)  # fmt: skip
def test_a_readmission_follows_the_discharge_before_it(world: World, story: Sequence[str], owed: bool) -> None:
    for number, line in enumerate(story, 1):
        Telling(world, first=number).tell(line + "\n")

    with reading(everywhere("test"), at=NOW) as view:
        assert [one.rules for one in differences(view)] == []
    assert len(interview()) == owed
