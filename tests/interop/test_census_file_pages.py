"""Pages of census files as people use them: taking a file, repairing, taking back, settings; and who may not."""

import re
from collections.abc import Callable

import pytest

from app.interop.inbox import Source, drain, receive
from app.platform.work import reading
from tests.support.census_files import ACTOR, here, line, setting, take, written
from tests.support.client import Browser
from tests.support.hl7 import Sender
from tests.support.world import World

BrowserFor = Callable[..., Browser]


@pytest.fixture
def file_id(world: World) -> int:
    """A file beside a census that differs from it in three stays, one of each kind."""
    sender = Sender()
    for visit, place in (("V1", "4W^401^A"), ("V2", "4W^402^A"), ("V3", "4W^403^A")):
        receive([sender.admit(visit, f"M{visit}", place, name=f"PERSON{visit}^TEST", at="20260301080000")],
                Source("mllp", "test"))  # fmt: skip
    while drain():
        pass
    return take(world, [line("V1"), line("V2", "ICU^03^A"), line("V9")]).file_id


def values(text: str) -> list[str]:
    return re.findall(r'name="what" value="([^"]+)"', text)


def test_a_file_shows_three_groups_with_both_values(browser_for: BrowserFor, file_id: int) -> None:
    text = browser_for("lee").get(f"/reconciliation/files/{file_id}").text

    assert "Missing from the census (1)" in text
    assert "Extra in the census (1)" in text
    assert "Different (1)" in text
    assert re.search(r"Unit <b>ICU</b>.*Unit <b>4W</b>", text, re.DOTALL)
    assert [one.partition(":")[0] for one in values(text)] == ["missing", "extra", "different"]


def test_a_repair_with_one_click_and_back(browser_for: BrowserFor, file_id: int) -> None:
    lee = browser_for("lee")
    page = f"/reconciliation/files/{file_id}"
    missing = values(lee.get(page).text)[0]

    answer = lee.post(f"{page}/repairs", {"what": missing, "reason": "asked the unit"})
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert "V9" in here()
    shown = lee.get(page).text
    assert "Missing from the census (0)" in shown
    assert "asked the unit" in shown
    undo = re.findall(r'action="(/reconciliation/repairs/[^"]+)"', shown)[-1]

    assert lee.post(undo).status_code == 303
    assert "V9" not in here()
    assert "taken back already" in lee.get("/reconciliation").text or lee.post(undo).status_code == 303


def test_what_is_no_longer_different_is_refused_on_the_page(browser_for: BrowserFor, file_id: int) -> None:
    lee = browser_for("lee")
    page = f"/reconciliation/files/{file_id}"
    extra = values(lee.get(page).text)[1]
    lee.post(f"{page}/repairs", {"what": extra})

    answer = lee.post(f"{page}/repairs", {"what": extra})

    assert answer.status_code == 409
    assert "agrees with the file" in answer.text


def test_the_part_that_changes_is_a_piece_of_its_own(browser_for: BrowserFor, file_id: int) -> None:
    answer = browser_for("lee").get(f"/reconciliation/files/{file_id}/comparison", htmx=True)

    assert answer.text.lstrip().startswith('<div id="comparison"')


def uploaded(person: Browser, data: bytes, **more: str) -> tuple[int, str, str]:
    form = {"taken_at": "2026-03-05T06:00", "facility": "NORTH"} | more
    answer = person.post("/reconciliation/uploads", form, files={"census": ("house.csv", data, "text/csv")})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_an_upload_is_looked_at_before_it_is_taken(browser_for: BrowserFor, world: World) -> None:
    lee = browser_for("lee")
    rows = written([line("V1"), line("V2", "4W^402^A", admit_at="45321")])

    status, where, _ = uploaded(lee, rows)
    assert status == 303
    seen = lee.get(where).text
    assert "UTF-8, comma" in seen
    assert "count of days" in seen
    assert here() == {}

    taken = lee.post(f"{where}/files")
    assert re.fullmatch(r"/reconciliation/files/\d+", taken.headers["location"])
    assert here() == {"V1": "4W^401^A"}
    assert lee.get(where).status_code == 404
    with reading(ACTOR) as view:
        assert view.value("select count(*) from census_upload") == 0


def test_a_discarded_upload_leaves_nothing(browser_for: BrowserFor, world: World) -> None:
    lee = browser_for("lee")
    _, where, _ = uploaded(lee, written([line("V1")]))

    assert lee.post(f"{where}/discards").status_code == 303
    with reading(ACTOR) as view:
        assert view.value("select count(*) from census_upload") == view.value("select count(*) from census_file") == 0


@pytest.mark.parametrize(
    ("data", "more", "sentence"),
    [
        (b"mrn,unit\n1,4W\n", {}, "visit number"),
        (b"PK\x03\x04\x00\x00\x00\x00binary\x00", {}, "workbook"),
        (b"mrn,visit\n1,\x00\n", {}, "not a text file"),
        (b"", {}, "not empty"),
        (b"mrn,visit\n1,2\n", {"taken_at": "2199-01-01T00:00"}, "future"),
        (b"mrn,visit\n1,2\n", {"taken_at": "soon"}, "Write a date and a time"),
        (b"mrn,visit\n1,2\n", {"facility": "SOUTH"}, "Choose one of your facilities"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_form(
    browser_for: BrowserFor, world: World, data: bytes, more: dict[str, str], sentence: str
) -> None:
    status, _, text = uploaded(browser_for("lee"), data, **more)

    assert (status, sentence in text) == (422, True)
    with reading(ACTOR) as view:
        assert view.value("select count(*) from census_upload") == 0


def test_only_leads_and_directors_reconcile(browser_for: BrowserFor, file_id: int) -> None:
    page = f"/reconciliation/files/{file_id}"

    assert {name: browser_for(name).get(page).status_code for name in ("lee", "dora", "dana", "adam", "stan")} == {
        "lee": 200, "dora": 200, "dana": 403, "adam": 403, "stan": 403,
    }  # fmt: skip
    assert "/reconciliation" in browser_for("lee").get("/interfaces").text
    assert "/reconciliation" not in browser_for("adam").get("/interfaces").text


def test_an_upload_belongs_to_who_made_it(browser_for: BrowserFor, world: World) -> None:
    _, where, _ = uploaded(browser_for("lee"), written([line("V1")]))

    assert browser_for("dora").get(where).status_code == 404
    assert browser_for("dora").post(f"{where}/files").status_code == 404


def test_settings_of_a_facility(browser_for: BrowserFor, world: World) -> None:
    adam = browser_for("adam")
    address = "/facilities/NORTH/census-file"
    form = {"use": "check", "absent_after": "2", "headers": "Pat No = mrn\nFoo = -", "mrn_width": "8"}

    assert adam.post(address, form).status_code == 303
    text = adam.get(address).text
    assert "Pat No = mrn" in text
    assert re.search(r'value="check" selected', text)
    wrong = adam.post(address, form | {"headers": "Pat No = nonsense"})
    assert (wrong.status_code, "Line 1" in wrong.text) == (422, True)
    assert browser_for("lee").get(address).status_code == 403


def test_the_text_of_a_row_about_a_protected_stay_is_hidden(browser_for: BrowserFor, world: World) -> None:
    setting(world, use="source")
    sender = Sender()
    receive([sender.admit("V1", "MV1"),
             sender.message("A08", "V1", "MV1", tail="PV2|" + "|" * 20 + "|Y\r")], Source("mllp", "test"))  # fmt: skip
    while drain():
        pass
    take(world, [line("V1")])
    with reading(ACTOR) as view:
        key = view.value("select id from inbound_message where source = 'census'")

    text = browser_for("adam").get(f"/interfaces/messages/{key}").text

    assert "protected stay" in text
    assert "PERSONV1" not in text
