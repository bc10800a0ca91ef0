"""A hospital's own criteria sets: read, shown, put in use from a day on, ended, and readable for good."""

import html
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.reviews.criteria.reading import read_set
from app.reviews.criteria.terms import ReviewKind
from app.reviews.sets import queries
from app.reviews.sets.commands import AddSet, EndSet, add_set, end_set
from app.reviews.sets.models import HospitalSet
from app.security.permissions import Permission
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
TODAY = date(2026, 3, 5)
TEXT = """id = "chest_pain"
version = "{version}"
title = "Chest pain unit"
source = "Medical staff, 4 May 2026"
licence = "Our own"
applies_to = ["observation"]
begins = 2026-01-01

[[groups]]
code = "now"
title = "Findings"

[[points]]
code = "C1"
group = "now"
text = "Troponin high"
measures = [{{ name = "troponin", label = "Troponin", unit = "ng/L", above = 52 }}]
"""


def add(world: World, version: str, begins: date, name: str = "lee") -> HospitalSet:
    with begin(world.viewer(name).acting(Permission.CRITERIA_SET), at=NOW) as work:
        facility = world.facility["NORTH"]
        return add_set(work, facility, read_set(TEXT.format(version=version)), AddSet(begins=begins))


def end(world: World, criteria_id: uuid.UUID, last_day: date) -> None:
    with begin(world.viewer("lee").acting(Permission.CRITERIA_SET), at=NOW) as work:
        end_set(work, criteria_id, EndSet(last_day=last_day), TODAY)


def offered(world: World, on: date, name: str = "uma", facility: str = "NORTH") -> list[str]:
    """Versions of own sets that a review of that day may use, as this person sees them."""
    with reading(world.viewer(name).acting(Permission.REVIEW_WRITE)) as db:
        found = queries.sets_for(db, world.facility[facility], ReviewKind.OBSERVATION, on)
    return [one.version for one in found if one.id == "chest_pain"]


def test_a_version_is_in_use_from_its_day_until_the_next_one(world: World):
    add(world, "1", TODAY)
    add(world, "2", TODAY + timedelta(days=10))

    assert offered(world, TODAY - timedelta(days=1)) == []
    assert offered(world, TODAY) == offered(world, TODAY + timedelta(days=9)) == ["1"]
    assert offered(world, TODAY + timedelta(days=10)) == ["2"]


def test_an_ended_version_is_offered_no_more_but_stays_readable(world: World):
    made = add(world, "1", TODAY - timedelta(days=5))
    end(world, made.id, TODAY)

    assert offered(world, TODAY) == ["1"] and offered(world, TODAY + timedelta(days=1)) == []
    with reading(world.viewer("uma").acting(Permission.REVIEW_WRITE)) as db:
        held = queries.get(db, world.facility["NORTH"], "chest_pain", "1")
        assert held.point("C1").measures[0].above == 52
        assert queries.get(db, world.facility["NORTH"], "aep_day", "2").title == "AEP adult, day of care"
        with pytest.raises(NotFound):
            queries.get(db, world.facility["NORTH"], "chest_pain", "2")


def test_a_version_that_never_began_hides_none(world: World):
    add(world, "1", TODAY)
    ahead = add(world, "2", TODAY + timedelta(days=10))
    end(world, ahead.id, TODAY + timedelta(days=9))

    assert offered(world, TODAY + timedelta(days=20)) == ["1"]
    add(world, "3", TODAY + timedelta(days=5))
    assert offered(world, TODAY + timedelta(days=20)) == ["3"]


@pytest.mark.parametrize(
    ("version", "begins", "sentence"),
    [
        ("1", TODAY + timedelta(days=3), "Version 1 of chest_pain is here already"),
        ("2", TODAY, "The version before begins on 5 Mar 2026"),
    ],
)
def test_versions_do_not_take_each_other_s_place(world: World, version: str, begins: date, sentence: str):
    add(world, "1", TODAY)

    with pytest.raises(Refused, match=sentence):
        add(world, version, begins)


def test_a_shipped_set_cannot_be_written_over(world: World):
    held = read_set(TEXT.format(version="9").replace("chest_pain", "aep_day"))
    lee = world.viewer("lee").acting(Permission.CRITERIA_SET)
    with begin(lee, at=NOW) as work, pytest.raises(Refused, match="aep_day is a shipped set"):
        add_set(work, world.facility["NORTH"], held, AddSet(begins=TODAY))


def test_days_gone_by_are_not_changed_by_an_end(world: World):
    made = add(world, "1", TODAY - timedelta(days=30))

    with pytest.raises(Refused, match="4 Mar 2026 at the earliest"):
        end(world, made.id, TODAY - timedelta(days=2))
    end(world, made.id, TODAY - timedelta(days=1))
    with pytest.raises(Refused, match="out of use already"):
        end(world, made.id, TODAY)


def test_another_hospital_neither_sees_nor_ends_it(world: World):
    made = add(world, "1", TODAY)

    assert offered(world, TODAY, "stan", "NORTH") == []
    with begin(world.viewer("stan").acting(Permission.CRITERIA_SET), at=NOW) as work, pytest.raises(NotFound):
        end_set(work, made.id, EndSet(last_day=TODAY), TODAY)


def test_what_was_done_is_recorded(world: World):
    end(world, add(world, "1", TODAY).id, TODAY)

    with reading(everywhere("test")) as db:
        assert db.values("select name from audit_event where name like 'criteria_set.%%' order by id") == [
            "criteria_set.added",
            "criteria_set.ended",
        ]


def test_a_text_is_shown_before_it_is_put_in_use(browser_for: BrowserFor):
    lee = browser_for("lee")
    text = TEXT.format(version="1")

    assert "Text (TOML)" in lee.get("/criteria/new").text
    preview = lee.post("/criteria/preview", {"begins": "2099-06-01"}, files={"file": ("own.toml", text.encode())})
    assert preview.status_code == 200 and "Troponin: above 52 ng/L" in html.unescape(preview.text)
    assert "not in use yet" in preview.text and "Put the set in use" in preview.text
    seen = preview.text.split('name="seen" value="')[1].split('"')[0]

    unseen = text.replace("above = 52", "above = 60")
    changed = lee.post("/criteria", {"text": unseen, "begins": "2099-06-01", "seen": seen})
    assert changed.status_code == 200 and "above 60 ng/L" in html.unescape(changed.text), (
        "what was not shown is shown first"
    )
    taken = lee.post("/criteria", {"text": text.replace("\n", "\r\n"), "begins": "2099-06-01", "seen": seen})
    assert taken.status_code == 303

    listed = lee.get("/criteria").text
    assert "Chest pain unit" in listed and "from its day on" in listed
    assert "Troponin: above 52 ng/L" in html.unescape(browser_for("uma").get("/criteria/chest_pain/1").text)


def test_faults_of_a_text_are_told_with_their_lines_and_nothing_is_lost(browser_for: BrowserFor):
    answer = browser_for("lee").post(
        "/criteria/preview",
        {"text": TEXT.format(version="1").replace("above = 52", "over = 52"), "begins": "2099-06-01"},
    )

    assert answer.status_code == 422
    assert "Line 17: Object contains unknown field over" in answer.text and "over = 52" in answer.text


@pytest.mark.parametrize(
    ("given", "content", "sentence"),
    [
        ({"begins": "2099-06-01"}, b"", "Write the set, or choose its file."),
        ({"begins": ""}, TEXT.format(version="1").encode(), "Fill in this field."),
        ({"begins": "2099-06-01"}, b"\xff\xfe\x00", "The file is not text in UTF-8."),
        ({"begins": "2099-06-01"}, b"PK\x03\x04\x00broken", "The file is not text in UTF-8."),
        ({"begins": "2099-06-01"}, b"PK\x03\x04broken", "Line 1"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_beside_the_field(
    browser_for: BrowserFor, given: dict[str, str], content: bytes, sentence: str
):
    answer = browser_for("lee").post("/criteria/preview", given, files={"file": ("own.toml", content)})

    assert answer.status_code == 422 and sentence in answer.text


def test_a_shipped_set_is_a_start_and_shows_its_points(browser_for: BrowserFor):
    lee = browser_for("lee")

    assert "Pulse: below 50 or above 140/min" in html.unescape(lee.get("/criteria/aep_admission/2").text)
    assert "Transfusion: within 48 h before the review" in lee.get("/criteria/aep_day/2").text
    assert 'code = "A9"' in html.unescape(lee.get("/criteria/new?like=aep_admission/2").text)
    assert lee.get("/criteria/new?like=aep_admission/9").status_code == 404
    assert lee.get("/criteria/nothing/1").status_code == 404


def test_a_set_is_ended_on_its_page_and_a_wrong_day_is_told(browser_for: BrowserFor, world: World):
    made = add(world, "1", TODAY)
    lee = browser_for("lee")

    wrong = lee.post(f"/criteria/own/{made.id}/end", {"last_day": "2020-01-01"})
    assert wrong.status_code == 422 and "at the earliest" in wrong.text
    assert lee.post(f"/criteria/own/{made.id}/end", {"last_day": "2099-01-01"}).status_code == 303
    assert 'to <span class="nowrap">1 Jan 2099' in lee.get("/criteria").text


def test_reviewers_read_and_only_leads_write(browser_for: BrowserFor):
    uma, ann = browser_for("uma"), browser_for("ann")

    assert "Write an own set" not in uma.get("/criteria").text
    assert uma.get("/criteria/new").status_code == 403
    assert uma.post("/criteria", {"text": "x", "begins": "2099-06-01"}).status_code == 403
    assert ann.get("/criteria").status_code == 403
