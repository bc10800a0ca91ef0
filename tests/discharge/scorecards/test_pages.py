"""Scorecards in the browser's words: figures of a period, their lists, the file."""

import csv
import io
import uuid
from datetime import timedelta

import pytest

from app.clocks.events import ClocksSwept
from app.discharge.referrals.asks import Why
from app.discharge.referrals.commands import cancel
from app.discharge.referrals.following.answering import open_referral
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.discharge.booking.support import booked, tell
from tests.discharge.referrals.support import no, refer, someone, vendors, yes
from tests.support.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    """One vendor accepted after two hours and was booked, one declined, one was silent; the patient left for good."""
    key = tell(world)
    at = now() - timedelta(days=40)
    mine, other, third = vendors(world, 3, care="assisted_living")
    first, second, _ = (
        one.referral_id for one in refer(world, key, [mine, other, third], at=at, care="assisted_living").sent
    )
    with someone(world, at + 2 * HOUR) as work:
        yes(work, first, offered_on=(at + timedelta(days=1)).date())
    with someone(world, at + 3 * HOUR) as work:
        no(work, second)
    booked(world, key, at + 4 * HOUR, referral_id=first, care_type=None, vendor_name="",
           starts_on=(at + timedelta(days=1)).date())  # fmt: skip
    with begin(everywhere("test"), at=at + timedelta(days=1)) as work:
        left = at + timedelta(days=1)
        work.connection.execute(
            "update encounter set status = 'discharged', discharge_at = %s where id = %s", (left, key)
        )
        work.record(ClocksSwept(stays=1, changed=0))
    return key


def test_figures_of_a_period_open_their_lists(browser_for, stay):
    lee = browser_for("lee")
    text = lee.get("/vendors/scorecards").text
    assert "Alder House" in text and "1 of 1 (100 %, 21 % to 100 %)" in text and "fewer than 10" in text
    assert "2.0 h" in text and "No bed or no staff 1" in text
    assert "0 of 1 (0 %" in text

    listed = lee.get("/vendors/scorecards/list?figure=declined").text
    assert "Birch Court" in listed and "Alder House" not in listed and str(stay) in listed
    assert "not back" in lee.get("/vendors/scorecards/list?figure=placed").text
    assert "Nobody is counted" in lee.get("/vendors/scorecards/list?figure=readmitted").text


def test_the_file_holds_the_same_figures_and_no_patient(browser_for, stay):
    answer = browser_for("lee").get("/vendors/scorecards.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["vendor"], row["sent"], row["accepted"], row["declined"]) for row in rows] == [
        ("Alder House", "1", "1", "0"), ("Birch Court", "1", "0", "1"), ("Cedar Lodge", "1", "0", "0"),
    ]  # fmt: skip


def test_who_was_booked_twice_counts_once_and_who_died_left_for_nobody(browser_for, world, stay):
    at = now() - timedelta(days=40)
    with reading(everywhere("test")) as db:
        first = db.value("select referral_id from referral where state = 'accepted' and ended_at is null")
    booked(world, stay, at + 5 * HOUR, referral_id=first, care_type=None, vendor_name="",
           starts_on=(at + timedelta(days=2)).date())  # fmt: skip

    def placed() -> str:
        rows = csv.DictReader(io.StringIO(browser_for("lee").get("/vendors/scorecards.csv").text))
        return next(row["placed"] for row in rows if row["vendor"] == "Alder House")

    assert placed() == "1"
    with begin(everywhere("test")) as work:
        work.connection.execute("update encounter set disposition = '20' where id = %s", (stay,))
        work.record(ClocksSwept(stays=1, changed=0))
    assert placed() == "0"


def test_a_vendor_that_was_told_in_time_that_no_answer_is_needed_is_not_silent(browser_for, world):
    at, key = now() - timedelta(days=20), tell(world)
    told, silent = (one.referral_id for one in refer(world, key, vendors(world, 2), at=at).sent)
    for one in (told, silent):
        with begin(everywhere("vendor"), at=at + HOUR) as work:
            open_referral(work, one)
    with someone(world, at + 2 * HOUR) as work:
        cancel(work, told, Why(reason="the family knows it"))

    rows = list(csv.DictReader(io.StringIO(browser_for("lee").get("/vendors/scorecards.csv").text)))
    assert [(row["vendor"], row["opened_silent"]) for row in rows] == [("Alder House", "0"), ("Birch Court", "1")]


def test_an_empty_period_says_so_and_a_wrong_one_is_refused(browser_for, world):
    lee = browser_for("lee")
    assert "Nothing to count" in lee.get("/vendors/scorecards?first=2020-01-01&last=2020-02-01").text
    wrong = lee.get("/vendors/scorecards?first=2026-02-01&last=2026-01-01")
    assert wrong.status_code == 422 and "lies after" in wrong.text


def test_another_hospital_and_other_people_see_nothing(browser_for, stay):
    assert browser_for("uma").get("/vendors/scorecards").status_code in (403, 404)
    assert "Alder House" not in browser_for("stan").get("/vendors/scorecards").text
