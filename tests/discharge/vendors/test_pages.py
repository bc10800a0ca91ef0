"""The registry in the browser's words: searching, one vendor, entering, files, the own place."""

import pytest

from app.platform.work import everywhere, reading
from tests.discharge.vendors.support import ROWS, published, stand, take, vendor_named
from tests.support.world import World


@pytest.fixture
def registry(world: World) -> World:
    take(world, *ROWS)
    stand(world)
    return world


def test_an_empty_registry_tells_how_to_fill_it(browser_for, world):
    assert "Take a file in" in browser_for("lee").get("/vendors").text
    assert "A lead, the director or an administrator can do that." in browser_for("dana").get("/vendors").text


def test_the_nearest_stands_first_and_the_order_is_said(browser_for, registry):
    text = browser_for("dana").get("/vendors?kind=snf&within=20").text

    assert text.index("MAPLE TERRACE") < text.index("WILLOW BANK CARE") < text.index("QUARRY HILL")
    assert "FERNLEY COURT" not in text and "nearest first, then by name" in text
    assert "1.4 mi" in text and "4 of 5 stars" in text


def test_a_search_that_cannot_be_understood_says_so(browser_for, registry):
    answer = browser_for("dana").get("/vendors?within=far")

    assert answer.status_code == 422 and "This could not be searched for" in answer.text


def test_a_zip_code_without_a_table_is_said(browser_for, registry):
    answer = browser_for("dana").get("/vendors?zip=60601&within=5")

    assert answer.status_code == 422 and "does not have this code" in answer.text


def test_another_hospital_sees_nothing_of_it(browser_for, registry):
    stan = browser_for("stan")

    assert "MAPLE TERRACE" not in stan.get("/vendors").text
    assert stan.get(f"/vendors/{vendor_named('MAPLE TERRACE')}").status_code == 404


def test_a_contract_shows_in_the_list_and_is_undone(browser_for, registry):
    lee, key = browser_for("lee"), vendor_named("MAPLE TERRACE")
    said = {"payer_code": "PLAN1", "standing": "in_network", "begins": "2020-01-01"}
    assert lee.post(f"/vendors/{key}/dealings/contract", said).status_code == 303

    assert "in network" in lee.get("/vendors?payer=PLAN1").text
    assert "WILLOW BANK" not in lee.get("/vendors?payer=PLAN1&network=on").text
    with reading(everywhere("test")) as view:
        contract = view.value("select id from vendor_contract")
    assert lee.post(f"/vendor-dealings/contract/{contract}/end").status_code == 303
    text = lee.get(f"/vendors/{key}").text
    assert "Taken away" in text and "No contract is entered" in text


def test_an_interest_is_told_beside_the_vendor(browser_for, registry):
    lee, key = browser_for("lee"), vendor_named("MAPLE TERRACE")
    lee.post(f"/vendors/{key}/dealings/interest", {"kind": "hospital_holds", "share": "40", "since": "2019-01-01"})

    assert "This hospital has a financial interest in this provider (40 %)." in lee.get(f"/vendors/{key}").text
    assert "financial interest" in lee.get("/vendors").text


def test_a_contact_that_is_no_address_is_answered_beside_its_field(browser_for, registry):
    lee, key = browser_for("lee"), vendor_named("MAPLE TERRACE")
    answer = lee.post(f"/vendors/{key}/dealings/contact", {"kind": "email", "value": "nowhere"})

    assert answer.status_code == 422 and "Write one e-mail address" in answer.text and 'value="nowhere"' in answer.text


def test_a_vendor_is_entered_changed_and_taken_back(browser_for, registry):
    lee = browser_for("lee")
    made = lee.post("/vendors", {"name": "Heron Home Care", "care_type": "home_health", "medicare": "true",
                                 "capabilities": ["tpn"], "languages": "Spanish, Polish"})  # fmt: skip
    assert made.status_code == 303
    where = made.headers["location"]
    text = lee.get(where).text
    assert "TPN" in text and "Polish, Spanish" in text
    form = lee.get(f"{where}/edit").text
    assert 'value="Heron Home Care"' in form and "Polish, Spanish" in form

    changed = {"name": "Heron Home Health", "care_type": "home_health", "medicare": "true"}
    assert lee.post(f"{where}/versions", changed).status_code == 303
    assert "<h1>Heron Home Health</h1>" in lee.get(where).text
    assert lee.post(f"{where}/reversal").status_code == 303
    assert "<h1>Heron Home Care</h1>" in lee.get(where).text


def test_who_may_not_set_vendors_sees_no_buttons_and_is_refused(browser_for, registry):
    dana, key = browser_for("dana"), vendor_named("MAPLE TERRACE")

    assert "Enter a contract" not in dana.get(f"/vendors/{key}").text
    assert dana.post("/vendors", {"name": "X", "care_type": "snf"}).status_code == 403


def test_a_file_is_sent_and_its_faulty_row_is_named(browser_for, world):
    lee = browser_for("lee")
    sent = published(*ROWS[:2], ROWS[2].replace('"IL"', '"Illinois"'))
    answer = lee.post("/vendor-files", {"states": ""}, files={"file": ("homes.csv", sent, "text/csv")})

    assert answer.status_code == 303
    assert "line 4: a state of two letters was expected." in lee.get("/vendor-files").text


def test_a_file_of_another_layout_is_refused_in_a_sentence(browser_for, world):
    answer = browser_for("lee").post("/vendor-files", {}, files={"file": ("x.csv", b"a,b\n1,2\n", "text/csv")})

    assert answer.status_code == 422 and "is no provider file" in answer.text


def test_centroids_give_a_place_to_the_hospital_and_to_vendors(browser_for, world):
    lee = browser_for("lee")
    take(world, *(row.replace('"41.90","-87.63"', '"",""') for row in ROWS))
    zips = b"zip,latitude,longitude\n60601,41.885,-87.622\n60614,41.922,-87.653\n"
    assert lee.post("/zip-tables", {}, files={"file": ("zips.csv", zips, "text/csv")}).status_code == 303
    assert lee.post("/vendor-position", {"zip_code": "60614"}).status_code == 303

    text = lee.get("/vendors?within=10").text
    assert "MAPLE TERRACE" in text and "3.0 mi" in text
