"""Lists and stays as of an earlier instant: what was known then, for reading only, and said so on every page."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from app.interop.inbox import Source, drain, receive
from app.kernel.as_of import AsOf
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.journeys import ZONE, Arrival, Ward, stay_of
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
OLD = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=3))
NEW = Arrival(visit="V2", name="BIRCH^OMAR", place="ICU^02^A", ago=timedelta(hours=2))


class Replayed(Ward):
    """A feed whose messages come from a file: what they say was known at their own time."""

    def send(self, *messages: bytes) -> None:
        receive(messages, Source("file", "backlog.hl7"))
        while drain():
            pass


@pytest.fixture
def yesterday(world: World) -> str:
    """The address of a moment between the two arrivals."""
    ward = Replayed()
    ward.admit(OLD, NEW)
    return address(now() - timedelta(days=1))


def address(at: datetime) -> str:
    return AsOf(at.replace(second=0, microsecond=0), ZONE).address


def test_a_list_shows_what_was_known_then_and_says_so(yesterday: str, browser_for: BrowserFor) -> None:
    dana = browser_for("dana")
    live, past = dana.get("/worklists/inpatient").text, dana.get(f"/worklists/inpatient?as-of={yesterday}").text
    assert "ALDER, ROSA" in live and "BIRCH, OMAR" in live
    assert "ALDER, ROSA" in past and "BIRCH, OMAR" not in past
    assert "as known then" in past and "<title>As of " in past and "Back to now" in past
    assert "as known then." not in live and "<title>Inpatient" in live


def test_nothing_on_a_page_of_the_past_changes_anything(yesterday: str, browser_for: BrowserFor) -> None:
    lee = browser_for("lee")
    stay = stay_of("V1")
    for path in (
        "/worklists/inpatient", f"/worklists/inpatient?open={stay}", f"/encounters/{stay}",
        f"/encounters/{stay}/timeline", f"/encounters/{stay}/notes", f"/encounters/{stay}/history",
    ):  # fmt: skip
        where = f"{path}{'&' if '?' in path else '?'}as-of={yesterday}"
        text = lee.get(where).text
        body = text.partition("<main")[2]
        assert "as known then" in text, path
        assert 'method="post"' not in body, path
        assert "hx-sse:connect" not in text, path
        assert 'type="checkbox" name="stay"' not in text and "data-select-all" not in text, path
        assert "data-row-deed" not in text, path


@pytest.mark.parametrize("deed", ["notes", "own-assignment"])
def test_deeds_do_not_exist_in_the_past(yesterday: str, browser_for: BrowserFor, deed: str) -> None:
    stay = stay_of("V1")
    answer = browser_for("dana").post(f"/encounters/{stay}/{deed}?as-of={yesterday}", {"text": "x"})
    assert answer.status_code == 404 and "for reading only" in answer.text
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from note") == 0
        assert db.value("select count(*) from assignment") == 0


def test_links_keep_the_instant(yesterday: str, browser_for: BrowserFor) -> None:
    dana = browser_for("dana")
    stay = stay_of("V1")
    text = dana.get(f"/worklists/inpatient?unit=4W&as-of={yesterday}").text.replace("&#x2f;", "/").replace("&amp;", "&")
    for link in (
        f'href="/encounters/{stay}?as-of={yesterday}"', f'href="/worklists/observation?as-of={yesterday}"',
        f'href="/worklists/inpatient?as-of={yesterday}"', f'name="as-of" value="{yesterday}"',
        'href="/worklists/inpatient?unit=4W"',
    ):  # fmt: skip
        assert link in text, link
    part = dana.get(f"/encounters/{stay}?as-of={yesterday}").text.replace("&#x2f;", "/").replace("&amp;", "&")
    for tab in ("/timeline", "/notes", "/history"):
        assert f'href="/encounters/{stay}{tab}?as-of={yesterday}"' in part
    assert f'href="/encounters/{stay}"' in part


def test_a_piece_of_the_list_keeps_the_instant(yesterday: str, browser_for: BrowserFor) -> None:
    dana, stay = browser_for("dana"), stay_of("V1")
    piece = dana.get(f"/worklists/inpatient?as-of={yesterday}", htmx=True).text
    assert "ALDER, ROSA" in piece and "BIRCH, OMAR" not in piece and 'name="stay"' not in piece
    more = dana.get(f"/worklists/inpatient/rows/{stay}/more?as-of={yesterday}", htmx=True).text
    assert "Midnights" in more and 'method="post"' not in more
    assert f"as-of={yesterday}" in more


def test_a_stay_that_was_not_known_then_is_not_there(yesterday: str, browser_for: BrowserFor) -> None:
    answer = browser_for("dana").get(f"/encounters/{stay_of('V2')}?as-of={yesterday}")
    assert answer.status_code == 404 and "not known at that time" in answer.text
    assert "BIRCH" not in answer.text


def test_a_part_that_knows_only_the_present_is_not_shown_in_the_past(yesterday: str, browser_for: BrowserFor) -> None:
    answer = browser_for("dana").get(f"/encounters/{stay_of('V1')}/assignment?as-of={yesterday}")
    assert answer.status_code == 404 and "not kept for earlier times" in answer.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("2099-01-01T07:00", "lies ahead"), ("nonsense", "not understood"), ("1990-01-01T07:00", "before 2000")],
)
def test_an_instant_that_cannot_be_shown_shows_nothing(
    yesterday: str, browser_for: BrowserFor, text: str, sentence: str
) -> None:
    for path in ("/worklists/inpatient", f"/encounters/{stay_of('V1')}"):
        answer = browser_for("dana").get(f"{path}?as-of={text}")
        assert answer.status_code == 409 and sentence in answer.text
        assert "ALDER" not in answer.text


def test_the_picker_leads_to_the_instant_or_says_why_not(yesterday: str, browser_for: BrowserFor) -> None:
    dana = browser_for("dana")
    back = "/worklists/inpatient?unit=4W"
    day, _, clock = yesterday.partition("T")
    answer = dana.get(f"/as-of?back={back}&day={day}&time={clock[:5]}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/worklists/inpatient?unit=4W&as-of={yesterday}"
    ahead = dana.get(f"/as-of?back={back}&day=2099-01-01&time=07:00")
    assert ahead.status_code == 422 and "lies ahead" in ahead.text
    assert dana.get("/as-of?back=https://elsewhere.example/&day=2099-01-01").text.count("elsewhere") == 0


def test_looking_back_is_written_down_with_its_instant(yesterday: str, browser_for: BrowserFor) -> None:
    browser_for("dana").get(f"/worklists/inpatient?as-of={yesterday}")
    with reading(everywhere("test")) as db:
        seen = db.values("select detail from phi_access where route like 'GET /worklists/%' and actor = 'dana'")
    assert seen == [f"as of {yesterday}"]
