"""What the feed sends as codes is read as words on the page of a stay."""

from collections.abc import Callable
from html import unescape

from app.interop.inbox import Source, drain, receive
from app.platform.work import everywhere, reading
from tests.support.client import Browser
from tests.support.hl7 import Sender
from tests.support.world import World


def test_codes_and_dates_of_a_real_message_are_read_as_words(browser_for: Callable[..., Browser], world: World):
    in1 = "IN1|1|MCRAB|MCARE|Medicare Part A and B" + "|" * 8 + "20260101" + "|" * 24 + "CM12345"
    message = Sender().admit("V1", "M1", tail=f"DG1|1||I50.9^Heart failure^I10|||W\r{in1}\r").decode()
    fields = message.split("\r")
    pv1 = next(number for number, line in enumerate(fields) if line.startswith("PV1"))
    parts = fields[pv1].split("|")
    parts[4], parts[14] = "C", "4"
    fields[pv1] = "|".join(parts)
    receive(["\r".join(fields).encode()], Source(kind="mllp", origin="test"))
    while drain():
        pass

    with reading(everywhere("test")) as view:
        stay = view.value("select id from encounter")
    page = unescape(browser_for("dana").get(f"/encounters/{stay}").text)

    assert "from 1 Jan 2026" in page and "Medicare Part A and B" in page
    assert "another hospital" in page and "elective" in page
    assert "I50.9" in page and "Heart failure" in page


def test_who_lies_in_the_room_comes_before_numbers_that_begin_alike(browser_for: Callable[..., Browser], world: World):
    sender = Sender()
    messages = [sender.admit("V1", "412001", "ICU^01^A", name="AARDVARK^ADA"),
                sender.admit("V2", "900002", "4W^412^B", name="ZIMMER^ZOE")]  # fmt: skip
    receive(messages, Source(kind="mllp", origin="test"))
    while drain():
        pass

    page = browser_for("dana").post("/find", {"q": "412"}).text

    assert -1 < page.index("ZIMMER") < page.index("AARDVARK")
