"""Payers' lines of business: what the feed names, guessed until somebody says it; each change can be taken back."""

import html
import uuid
from collections.abc import Callable

import pytest

from app.clocks.gather import gather
from app.clocks.settings.lines import OLD_LINE, SetLine, payer_rows, set_line, take_back_line
from app.clocks.terms import Line
from app.clocks.upkeep.sweeping import SWEEP
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.client import Browser
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins {}\n"


@pytest.fixture
def north(world: World) -> int:
    """Two stays: one payer whose name says what it is, and one that nobody knows."""
    feed = Telling(world)
    feed.tell(ADMITTED.format("MEDICARE"))
    feed.tell(ADMITTED.format("QUIBBLE").replace("A01", "A01 | visit V200 | patient M200").replace("401^A", "402^A"))
    return world.facility["NORTH"]


def line_of_stay(visit: str) -> Line:
    with reading(ME) as view:
        (facts,) = gather(view, view.values("select id from encounter where visit_number = %s", (visit,)))
    return facts.coverage[0].line


def test_unknown_payers_come_first_and_guesses_say_so(north: int):
    with reading(ME) as view:
        rows = payer_rows(view, north)

    assert [(row.payer_code, row.line, row.origin, row.stays) for row in rows] == [
        ("QUIBBLE", None, "", 1),
        ("MEDICARE", Line.MEDICARE_FFS, "guessed", 1),
    ]


def reason(visit: str) -> str:
    """Why the first copy of the Important Message is not required there, as stored."""
    query = "select because from obligation o join encounter e on e.id = o.encounter_id where e.visit_number = %s"
    with reading(ME) as view:
        return str(view.value(f"{query} and o.rule = 'N-IM1' and not o.required and o.ended_at is null", (visit,)))


def test_a_payer_that_nobody_knows_is_not_taken_for_one_without_medicare(world: World, north: int):
    feed = Telling(world, first=9)
    feed.tell("A01 | visit V300 | patient M300 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^403^A\n")
    feed.tell(ADMITTED.format("COMMERCIAL").replace("A01", "A01 | visit V400 | patient M400").replace("401^A", "404^A"))

    assert reason("V200").endswith("nobody has said which line of business payer QUIBBLE is.")
    assert reason("V300").endswith("no payer is recorded.")
    assert reason("V400") == "No Medicare coverage."


def test_a_line_that_is_set_holds_for_its_stays_and_can_be_taken_back(world: World, north: int):
    lead = world.viewer("lee").acting(Permission.PAYER_LINE_SET)
    with begin(lead, at=NOW) as work:
        set_line(work, north, SetLine(payer_code="QUIBBLE", line=Line.MEDICAID_MCO))
    assert line_of_stay("V200") is Line.MEDICAID_MCO
    with begin(lead) as work:
        second = set_line(work, north, SetLine(payer_code="QUIBBLE", line=Line.COMMERCIAL)).id
    assert line_of_stay("V200") is Line.COMMERCIAL

    with begin(lead) as work:
        take_back_line(work, second)

    assert line_of_stay("V200") is Line.MEDICAID_MCO
    with pytest.raises(Refused, match=OLD_LINE), begin(lead) as work:
        take_back_line(work, second)
    with reading(ME) as view:
        assert view.value("select count(*) from payer_line") == 3
        assert view.value("select count(*) from procrastinate_jobs where task_name = %s", (SWEEP,)) == 1


def test_a_payer_that_no_feed_has_named_is_refused(world: World, north: int):
    with pytest.raises(Refused, match="named no such payer"), begin(ME) as work:
        set_line(work, north, SetLine(payer_code="NOBODY", line=Line.COMMERCIAL))


def test_the_page_says_what_does_not_run_and_takes_a_line(north: int, browser_for: Callable[[str], Browser]):
    lead = browser_for("lee")
    before = html.unescape(lead.get("/payers/lines").text)
    assert "1 payer or plan has no line" in before
    assert "a guess from the name" in before

    answer = lead.post("/payers/lines", {"payer_code": "QUIBBLE", "plan_code": "", "line": "medicaid_mco"})

    assert answer.status_code == 303
    after = html.unescape(lead.get("/payers/lines").text)
    assert "no line" not in after and "by Lee Hartono" in after
    assert line_of_stay("V200") is Line.MEDICAID_MCO
    with reading(ME) as view:
        made = view.value("select id from payer_line where ended_at is null")
    assert lead.post(f"/payers/lines/{made}/end", {}).status_code == 303
    assert line_of_stay("V200") is Line.OTHER


def test_a_line_that_is_none_is_refused_on_the_page(north: int, browser_for: Callable[[str], Browser]):
    answer = browser_for("dora").post("/payers/lines", {"payer_code": "QUIBBLE", "line": "lottery"})

    assert answer.status_code == 422 and "Choose a line" in answer.text


def test_a_case_manager_sets_no_line(north: int, browser_for: Callable[[str], Browser]):
    assert browser_for("dana").get("/payers/lines").status_code == 403
    assert browser_for("lee").post(f"/payers/lines/{uuid.uuid4()}/end", {}).status_code == 404
