"""The interface monitor: what it says of the feeds, what of a message, and to whom."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from app.census.stay.marks import MarkStay, mark_stay
from app.interop.inbox import Source, drain, receive
from app.interop.monitor.about import keys_named
from app.interop.monitor.pages import segments
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.support.client import Browser
from tests.support.hl7 import Sender
from tests.support.world import World

At = Callable[[str], Browser]
MLLP = Source("mllp", "port 2575")


def send(*messages: bytes, at: timedelta = timedelta(0)) -> list[int]:
    """Receive and apply, as the listener and the worker do; the numbers of the messages."""
    receipts = receive(messages, MLLP, at=now() - at)
    while drain():
        pass
    return [receipt.id or 0 for receipt in receipts]


def value(query: str, *parameters: object) -> object:
    with reading(everywhere("test")) as db:
        return db.value(query, parameters)


def trail(actor: str) -> list[tuple[str, int]]:
    """What this person was shown: detail, and of how many patients."""
    query = "select detail || '', cardinality(patients) from phi_access where actor = %s order by id"
    with reading(everywhere("test")) as db:
        return db.connection.execute(query, (actor,)).fetchall()


def test_a_feed_that_fell_silent_is_announced(browser_for: At, world: World):
    send(Sender().admit("V1", "M1"), at=timedelta(minutes=45))

    page = browser_for("adam").get("/interfaces").text

    assert "The feed of North Harbor Hospital is silent since" in page
    assert "no message yet" in page  # South has never spoken, which is no alarm


def test_history_that_fills_in_behind_today_does_not_silence_the_feed(browser_for: At, world: World):
    sender = Sender()
    send(sender.admit("V1", "M1"))
    send(sender.admit("V2", "M2", "4W^402^A"), at=timedelta(days=90))

    assert "is silent since" not in browser_for("adam").get("/interfaces").text


def test_a_feed_that_speaks_is_counted_by_answer(browser_for: At, world: World):
    sender = Sender()
    send(sender.admit("V1", "M1"), sender.admit("V2", "M2", "4W^402^A"), sender.admit("V3", "", "4W^403^A"))

    page = browser_for("adam").get("/interfaces").text

    assert "AA 2 · AE 1" in page
    assert "is silent since" not in page


def test_exceptions_say_what_to_do_and_lead_to_the_stay_for_those_who_may_open_it(browser_for: At, world: World):
    sender = Sender()
    send(sender.admit("V1", "M1"), sender.message("A12", "V1", "M1"))
    stay = value("select id from encounter")

    lead, admin = (unescape(browser_for(name).get("/interfaces").text) for name in ("lee", "adam"))

    assert "A cancellation came without the event that it takes back." in lead
    assert f'href="/encounters/{stay}"' in lead
    assert f'href="/encounters/{stay}"' not in admin
    assert 'href="/interfaces/messages/' in admin and 'href="/interfaces/messages/' not in lead


def test_exceptions_disclose_the_patients_they_are_about(browser_for: At, world: World):
    sender = Sender()
    send(sender.admit("V1", "M1"), sender.message("A12", "V1", "M1"))

    browser_for("lee").get("/interfaces")

    assert trail("lee") == [("", 1)]


def test_the_kinds_filter_the_exceptions(browser_for: At, world: World):
    sender = Sender()
    send(sender.admit("V1", "M1"), sender.message("A12", "V1", "M1"), sender.admit("V3", "", "4W^403^A"))

    page = browser_for("adam").get("/interfaces?kind=ORPHAN_CANCEL").text

    assert "without the event that it takes back" in page
    assert "names no patient" not in page
    assert browser_for("adam").get("/interfaces?kind=nonsense").status_code == 200


def test_many_exceptions_come_in_pages(browser_for: At, world: World):
    sender = Sender()
    send(*(sender.admit(f"V{number}", "", "4W^403^A") for number in range(55)))

    first, second = (browser_for("adam").get(f"/interfaces?number={number}").text for number in (1, 2))

    assert "1 to 50 of 55 exceptions" in first
    assert "51 to 55 of 55 exceptions" in second


@pytest.mark.parametrize(("name", "status"), [("dana", 403), ("aud", 200), ("dora", 200), ("priya", 403)])
def test_only_those_who_look_after_interfaces_see_them(browser_for: At, world: World, name: str, status: int):
    assert browser_for(name).get("/interfaces").status_code == status


def test_the_text_of_a_message_is_shown_by_segment_and_leaves_a_trace(browser_for: At, world: World):
    [number] = send(Sender().admit("V1", "M1", name="REYES^ALMA"))

    page = browser_for("adam").get(f"/interfaces/messages/{number}").text

    assert "<b>PID</b>|1||M1^^^^MR||REYES^ALMA" in page
    assert "applied" in page and ">Replay<" not in page
    assert trail("adam") == [("", 1)]


def test_reading_a_message_that_names_nobody_known_leaves_a_trace_too(browser_for: At, world: World):
    [number] = send(Sender().admit("V3", "", name="REYES^ALMA"))

    page = browser_for("adam").get(f"/interfaces/messages/{number}").text

    assert "The message names no patient (PID-3)." in page
    assert trail("adam") == [(f"message {number}", 0)]


def test_the_message_of_a_protected_stay_keeps_its_text(browser_for: At, world: World):
    [number] = send(Sender().admit("V1", "M1", name="REYES^ALMA"))
    with begin(everywhere("test")) as work:
        mark_stay(work, value("select id from encounter"), MarkStay(sensitivity="vip", reason="a name known in town"))

    page = browser_for("adam").get(f"/interfaces/messages/{number}")

    assert page.status_code == 200
    assert "This message is about a protected stay." in page.text
    assert "REYES" not in page.text and "M1^^^" not in page.text


def test_who_may_not_read_messages_gets_none(browser_for: At, world: World):
    [number] = send(Sender().admit("V1", "M1"))

    assert browser_for("lee").get(f"/interfaces/messages/{number}").status_code == 403
    assert browser_for("adam").get("/interfaces/messages/999999").status_code == 404


def test_a_parked_message_is_replayed_once_its_facility_is_known(browser_for: At, world: World):
    [number] = send(Sender(facility="EAST").admit("V1", "M1"))
    adam = browser_for("adam")
    listed = unescape(adam.get("/interfaces").text)

    too_early = adam.post(f"/interfaces/messages/{number}/replays")
    with begin(everywhere("test")) as work:
        work.write("feed", "update feed set aliases = '{EAST}' where facility_id = %s", (world.facility["NORTH"],))
        work.recorded.append(_feed_changed(world))
    replayed = adam.post(f"/interfaces/messages/{number}/replays")
    while drain():
        pass

    assert f'href="/interfaces/messages/{number}"' in listed and "EAST" in listed
    assert too_early.status_code == 409 and "Not replayed." in too_early.text
    assert replayed.status_code == 303
    assert value("select count(*) from encounter") == 1
    assert value("select count(*) from inbound_problem where closed_at is null") == 0


def _feed_changed(world: World) -> object:
    from app.census.facilities import FacilityChanged

    return FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH")


@pytest.mark.parametrize(
    "raw", [b"MSH|garbage", b"\xff\xfe\x00", b"", b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\nPID|1\n"]
)
def test_any_bytes_can_be_shown(raw: bytes):
    shown = segments(raw, "cp1252")

    assert all(line["name"] + line["rest"] for line in shown)
    assert all(sign.isprintable() for line in shown for sign in line["name"] + line["rest"])


def test_a_document_inside_a_message_is_cut_and_said_to_be():
    raw = Sender().admit("V1", "M1", tail="OBX|1|ED|PDF||" + "QUJD" * 60000 + "\r")

    last = segments(raw, "cp1252")[-1]["rest"]

    assert len(last) < 5000 and last.endswith("more characters)")


def test_a_message_names_its_patients_and_visits_under_every_authority():
    raw = Sender(facility="NORTHSEND").message("A40", "V1", "M1", tail="MRG|M9^^^OTHER\r")

    keys = keys_named(raw, "cp1252", "NORTH")

    assert {"P:NORTH|M1", "P:NORTHSEND|M1", "P:OTHER|M9", "V:NORTH|V1"} <= set(keys)
