"""Lists taken out: every list in every form says what its page says, marked, recorded, harmless."""

import csv
import html
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from app.accounts.people import GrantRole, grant_role
from app.notices import source as notices
from app.platform.work import begin, everywhere, reading
from app.security.permissions import ROLES, Role
from app.web.paper.csv_files import MARK_COLUMNS, plain
from app.worklists.out.forms import OutForm
from app.worklists.out.taking import PROTECTED
from app.worklists.registry import REGISTRY
from tests.support.client import Browser
from tests.support.messages import told_of_a_discharge
from tests.support.owing import only
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import NOW, PEOPLE, World
from tests.worklists.test_pages import names

BrowserFor = Callable[..., Browser]
EVERY_LIST = sorted(REGISTRY.lists)


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """Order and words here follow from the dates of the census and from notices; reviews and payers ask for more."""
    with only(notices.RULES):
        yield


def lines_of_csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def lines_of_xlsx(body: bytes) -> list[dict[str, Any]]:
    sheet = load_workbook(io.BytesIO(body))["List"]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def text_of_pdf(body: bytes) -> list[str]:
    """The text of each page, words apart by one blank."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(body)).pages]


def house(world: World) -> None:
    """A few stays that every list has some of, with what makes columns differ."""
    add_stays(
        world,
        [
            StaySpec(family="Ash", unit="4W", gmlos=4.1, expected=NOW + timedelta(days=1), pending="discharge",
                     pending_at=NOW + timedelta(hours=5)),
            StaySpec(family="Birch", given="Zoë", unit="ICU", start=NOW - timedelta(days=9), gmlos=3.0, payer=""),
            StaySpec(family="Cedar", patient_class="OBS", unit="OBS", room="2", start=NOW - timedelta(hours=30)),
            StaySpec(family="=cmd()", given="@x", patient_class="OBS", unit="OBS", room="3"),
        ],
    )  # fmt: skip


def may_open(who: str, name: str) -> bool:
    """Whether the role of that person opens the list."""
    return REGISTRY.lists[name].spec.permission in {None, *ROLES[PEOPLE[who][2]].permissions}


@pytest.mark.parametrize("name", EVERY_LIST)
@pytest.mark.parametrize("query", ["", "unit=4W&unit=OBS&sort=-name", "flag=away"])
def test_every_form_has_the_rows_of_the_page(world: World, browser_for: BrowserFor, name: str, query: str) -> None:
    house(world)
    browser = browser_for(next(one for one in ("carla", "dora") if may_open(one, name)))
    shown = names(browser.get(f"/worklists/{name}?{query}").text)

    sent = {form: browser.get(f"/worklists/{name}/out/{form}?{query}").content for form in OutForm}

    assert [plain(line["name"]) for line in lines_of_csv(sent[OutForm.CSV])] == shown
    assert [line["Patient"] for line in lines_of_xlsx(sent[OutForm.XLSX])] == shown
    paper = " ".join(text_of_pdf(sent[OutForm.PDF]))
    places = [paper.find(one) for one in shown]
    assert -1 not in places and places == sorted(places)
    assert ("1 stay," if len(shown) == 1 else f"{len(shown)} stays,") in paper


def test_values_are_typed_and_the_same_in_csv_and_xlsx(world: World, browser_for: BrowserFor) -> None:
    house(world)
    browser = browser_for("dana")

    (text,) = lines_of_csv(browser.get("/worklists/inpatient/out/csv?unit=4W").content)
    (cell,) = lines_of_xlsx(browser.get("/worklists/inpatient/out/xlsx?unit=4W").content)

    day = (NOW + timedelta(days=1)).date()
    assert (text["expected_on"], cell["Expected (EDD)"]) == (day.isoformat(), datetime(day.year, day.month, day.day))
    assert (text["gmlos_days"], cell["GMLOS"]) == ("4.1", 4.1)
    assert (text["unit"], cell["Unit"]) == ("4W", "4W")
    assert text["past_gmlos"] in ("true", "false") and cell["Past GMLOS"] is (text["past_gmlos"] == "true")
    assert int(text["stay_day"]) == cell["Day of stay"] > 2
    leaves = datetime.fromisoformat(text["next_at"])
    assert leaves == NOW + timedelta(hours=5) and leaves.utcoffset() == timedelta(hours=-6)
    assert cell["Next date"] == leaves.replace(tzinfo=None)
    assert "discharge pending" in text["flags"] and cell["Flags"] == text["flags"]


def test_an_owner_stands_by_name_and_never_as_me(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    browser = browser_for("dana")
    browser.post(f"/encounters/{stay}/own-assignment", {})

    (line,) = lines_of_csv(browser.get("/worklists/inpatient/out/csv").content)
    paper = text_of_pdf(browser.get("/worklists/inpatient/out/pdf").content)[0]

    assert line["owner_name"] == "Dana Whitlow"
    assert "Dana Whitlow" in paper.split("Payer PLAN1", 1)[1].split("Taken out by")[0]


def test_a_restricted_stay_leaves_as_a_protected_stay_only(world: World, browser_for: BrowserFor) -> None:
    add_stay(world, StaySpec(family="Celebrity", sensitivity="vip", room="HIDE"))
    add_stay(world, StaySpec(family="Plain"))
    browser = browser_for("dana")
    csv_body, xlsx_body, pdf_body = (browser.get(f"/worklists/inpatient/out/{form}").content for form in OutForm)

    seen, hidden = lines_of_csv(csv_body)
    assert seen["name"] == "Plain, Ann"
    assert {text for name, text in hidden.items() if name not in MARK_COLUMNS} == {PROTECTED, ""}
    assert [set(line.values()) - {None} for line in lines_of_xlsx(xlsx_body)][1] == {PROTECTED}
    paper = " ".join(text_of_pdf(pdf_body))
    assert PROTECTED in paper and "HIDE" not in paper and "Celebrity" not in paper


def test_every_form_says_who_took_it_when_from_where_and_what_it_holds(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(family=f"Sample{number:02}", room=str(number)) for number in range(60)])
    browser = browser_for("dana")
    answers = {form: browser.get(f"/worklists/inpatient/out/{form}?unit=4W") for form in OutForm}

    for form, answer in answers.items():
        assert answer.headers["content-disposition"].startswith('attachment; filename="inpatient-20')
        assert answer.headers["content-disposition"].endswith(f'.{form}"')
        assert answer.headers["cache-control"] == "no-store"
    for line in lines_of_csv(answers[OutForm.CSV].content):
        assert line["exported_by"] == "Dana Whitlow, RN" and datetime.fromisoformat(line["exported_at"]).tzinfo
    pages = text_of_pdf(answers[OutForm.PDF].content)
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        for said in ("Taken out by Dana Whitlow, RN", "North Harbor Hospital", "Contains patient data",
                     f"Page {number} of {len(pages)}", "Due", "Owner"):  # fmt: skip
            assert said in page
    assert "Unit: 4 West" in pages[0]
    book = load_workbook(io.BytesIO(answers[OutForm.XLSX].content))
    about = dict(book["About this file"].iter_rows(values_only=True))
    assert about["Taken out by"] == "Dana Whitlow, RN" and "Unit: 4 West" in about["View"]
    assert "Dana Whitlow" in book["List"].oddFooter.left.text and "&P" in book["List"].oddFooter.right.text
    assert book["List"].print_title_rows == "$1:$1"


def test_the_pdf_is_tagged_for_those_who_do_not_see(world: World, browser_for: BrowserFor) -> None:
    house(world)
    reader = PdfReader(io.BytesIO(browser_for("dana").get("/worklists/inpatient/out/pdf").content))

    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert reader.metadata.title == "Inpatient"


@pytest.mark.parametrize("form", OutForm)
def test_taking_out_is_recorded_in_both_trails(world: World, browser_for: BrowserFor, form: OutForm) -> None:
    house(world)

    browser_for("dana").get(f"/worklists/inpatient/out/{form}?unit=4W")

    with reading(everywhere("test")) as db:
        route, detail, patients = db.rows(
            lambda *row: row,
            "select route, detail, cardinality(patients) from phi_access where kind = 'export' and actor = 'dana'",
        )[0]
        facts = db.value("select facts from audit_event where name = 'list.taken_out' and actor = 'dana'")
    assert route == "GET /worklists/{name}/out/{kind}"
    assert detail == f"inpatient {form}, 1 stays, unit=4W" and patients == 1
    assert facts | {"facility_id": 0} == {
        "facility_id": 0, "list_name": "inpatient", "form": form.value, "view": "unit=4W", "stays": 1, "restricted": 0,
    }  # fmt: skip


def test_a_printed_page_is_recorded_as_a_print(world: World, browser_for: BrowserFor) -> None:
    house(world)

    answer = browser_for("aud").post("/worklists/inpatient/prints?unit=4W")

    assert answer.status_code == 204
    with reading(everywhere("test")) as db:
        assert db.values("select cardinality(patients) from phi_access where kind = 'print' and actor = 'aud'") == [1]
        facts = json.dumps(db.value("select facts from audit_event where name = 'list.taken_out'"))
    assert '"form": "print"' in facts


@pytest.mark.parametrize("who", ["aud", "ann", "adam"])
def test_who_may_not_take_lists_out_gets_no_file_and_no_way_to_one(
    world: World, browser_for: BrowserFor, who: str
) -> None:
    house(world)
    browser = browser_for(who)

    assert all(browser.get(f"/worklists/inpatient/out/{form}").status_code == 403 for form in OutForm)
    page = browser.get("/worklists/inpatient")
    assert page.status_code == 403 or "/out/csv" not in page.text


@pytest.mark.parametrize("form", OutForm)
def test_a_stranger_takes_out_nothing(world: World, browser_for: BrowserFor, form: OutForm) -> None:
    house(world)

    body = browser_for("stan").get(f"/worklists/inpatient/out/{form}").content

    if form is OutForm.PDF:
        assert "No inpatient is in the house." in text_of_pdf(body)[0] and "Ash" not in text_of_pdf(body)[0]
    else:
        assert (lines_of_csv if form is OutForm.CSV else lines_of_xlsx)(body) == []


def test_another_site_cannot_make_a_browser_take_a_list_out(world: World, browser_for: BrowserFor) -> None:
    house(world)

    answer = browser_for("dana").get("/worklists/inpatient/out/csv", headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403


def test_an_unknown_form_or_list_is_said_to_be_unknown(world: World, browser_for: BrowserFor) -> None:
    browser = browser_for("dana")

    assert browser.get("/worklists/inpatient/out/docx").status_code == 404
    assert browser.get("/worklists/shoes/out/csv").status_code == 404


def test_the_page_offers_its_view_in_every_form_and_the_piece_renews_the_offer(
    world: World, browser_for: BrowserFor
) -> None:
    house(world)
    browser = browser_for("dana")
    for text in (browser.get("/worklists/inpatient?unit=4W").text,
                 browser.get("/worklists/inpatient?unit=4W", htmx=True).text):  # fmt: skip
        for form in OutForm:
            assert f'href="/worklists/inpatient/out/{form}?unit=4W"' in html.unescape(text)


def test_a_date_is_a_day_of_the_facility(world: World, browser_for: BrowserFor) -> None:
    """Late in the evening in Chicago it is the next day in London already."""
    add_stay(world, StaySpec(expected=datetime.fromisoformat("2026-03-07T23:30:00-06:00")))

    (line,) = lines_of_csv(browser_for("dana").get("/worklists/inpatient/out/csv").content)

    assert date.fromisoformat(line["expected_on"]) == date(2026, 3, 7)


@pytest.mark.parametrize("form", OutForm)
def test_a_list_of_an_earlier_instant_leaves_as_it_was_known_then_and_says_so(
    world: World, browser_for: BrowserFor, form: OutForm
) -> None:
    told_of_a_discharge()
    browser = browser_for("dana")
    then = "/worklists/inpatient?as-of=2026-03-05T07:41"
    shown = html.unescape(browser.get(then).text)

    answer = browser.get(f"/worklists/inpatient/out/{form}?as-of=2026-03-05T07:41")

    assert f'href="/worklists/inpatient/out/{form}?as-of=2026-03-05T07:41"' in shown
    if form is OutForm.CSV:
        assert [line["name"] for line in lines_of_csv(answer.content)] == names(shown) == ["RIVERA, CARMEN"]
        assert [line["known_at"] for line in lines_of_csv(answer.content)] == ["2026-03-05T07:41:00-06:00"]
    elif form is OutForm.XLSX:
        assert [line["Patient"] for line in lines_of_xlsx(answer.content)] == ["RIVERA, CARMEN"]
        about = dict(load_workbook(io.BytesIO(answer.content))["About this file"].iter_rows(values_only=True))
        assert about["As known"] == "2026-03-05T07:41:00-06:00"
    else:
        (sheet,) = text_of_pdf(answer.content)
        assert "RIVERA, CARMEN" in sheet and "as known Thu 5 Mar 2026 07:41 CST" in sheet
    assert "RIVERA" not in browser.get("/worklists/inpatient/out/csv").text


def test_a_list_leaves_only_from_where_one_may_take_it_out(world: World, browser_for: BrowserFor) -> None:
    add_stay(world)
    with begin(everywhere("test")) as work:
        ask = GrantRole(user_id=world.user["aud"], role=Role.CASE_MANAGER, facility_id=world.facility["SOUTH"])
        grant_role(work, ask)
    auditor = browser_for("aud")
    assert auditor.get("/worklists/inpatient").status_code == 200, "the list itself is shown in the first facility"

    answer = auditor.get("/worklists/inpatient/out/csv")

    assert answer.status_code == 403 and "does not take lists out" in answer.text
