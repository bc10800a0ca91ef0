"""Avoidable days in the browser's own words: the stay, the form, the drafts, the dictionary, the costs."""

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest

from app.avoidable_days.drafts.storing import sweep
from app.avoidable_days.worklist import LENDS
from app.clocks.facts import Event
from app.clocks.terms import EventKind
from app.platform.now import now
from app.platform.work import everywhere, reading
from app.worklists.registry import REGISTRY
from tests.avoidable_days.support import Planted
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.client import Browser
from tests.support.world import World, hospital_day

BrowserFor = Callable[..., Browser]
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "td"}
LIST = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "section#drafts"}
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", ago=timedelta(days=5))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer="MEDICARE", ago=timedelta(hours=1))
DRAFTS = "/avoidable-days/drafts"


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    return Planted(monkeypatch)


@pytest.fixture
def stay(world: World, planted: Planted) -> uuid.UUID:
    """Here for five days; medically ready since two days and a half."""
    Ward().admit(ROSA, OMAR)
    found = stay_of("V1")
    ready = now() - timedelta(days=2, hours=12)
    planted.events[found] = [
        Event(kind=EventKind.MEDICALLY_READY, at=ready),
        Event(kind=EventKind.BARRIER_OPEN, at=ready, code="PA-01", subject="b1", party="Maple Terrace"),
    ]
    sweep()
    return found


def yesterday(days: int = 1) -> date:
    return hospital_day(days)


def standing() -> list[tuple[str, str, float]]:
    with reading(everywhere("test")) as db:
        return db.rows(
            lambda *row: row,
            "select code, origin, amount from avoidable_day where ended_at is null order by day, weight desc",
        )


def chips(stay: uuid.UUID) -> list[str | None]:
    """What the chips say of a stay; a row shows the three heaviest of all features."""
    source = REGISTRY.source([join.name for join in LENDS.joins], patient=False)
    with reading(everywhere("test")) as db:
        columns = ", ".join(chip.sql for chip in LENDS.chips)
        return list(db.rows(lambda *row: row, f"select {columns} {source} where e.id = %s", (stay,))[0])


def keys_of(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/avoidable-days/drafts/([0-9a-f-]{36})/confirmation", text)))


def test_the_stay_shows_its_drafts_and_says_why_nothing_counts_yet(browser_for: BrowserFor, stay: uuid.UUID):
    text = browser_for("dana").get(f"/encounters/{stay}/avoidable-days").text

    assert "none counts until it is confirmed" in text
    assert "A barrier is open since" in text and "Maple Terrace" in text
    assert "No avoidable day is recorded" in text


def test_the_key_opens_the_last_lost_midnight_and_saving_confirms_its_draft(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    piece = unescape(dana.get(f"/encounters/{stay}/avoidable-days/new", headers=PIECE).text)
    assert f'value="{yesterday()}"' in piece and 'value="PA-01 SNF/NF bed not available"' in piece
    assert "<html" not in piece and "data-focus" in piece

    said = {"day": str(yesterday()), "code": "PA-01 SNF/NF bed not available"}
    answer = dana.post(f"/encounters/{stay}/avoidable-days", said, headers=PIECE)

    assert answer.status_code < 300 and "Recorded: PA-01" in answer.text
    assert standing() == [("PA-01", "confirmed", 1.0)]
    assert "1 day" in dana.get(f"/encounters/{stay}/avoidable-days").text


def test_words_of_a_label_are_enough_and_several_that_fit_are_named(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    where = f"/encounters/{stay}/avoidable-days"
    said = {"day": str(yesterday(4)), "explanation": "Waits for the examination"}

    several = dana.post(where, said | {"code": "imaging"})
    assert several.status_code == 422 and "2 reasons fit: HS-02" in several.text
    assert dana.post(where, said | {"code": "imaging read"}).status_code == 303
    assert standing() == [("HS-03", "manual", 1.0)]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"code": "XX-99"}, "No reason of the list"),
        ({"day": "2031-01-01", "code": "PA-01"}, "has not passed yet"),
        ({"day": "", "code": "PA-01"}, "Write a day"),
        ({"code": "PF-01"}, "The reason that began first is PA-01"),
        ({"code": "OT-98"}, "began first"),
        ({"code": "PA-01", "amount": "0.5"}, "Half days are not counted here"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    browser_for: BrowserFor, stay: uuid.UUID, wrong: dict[str, str], sentence: str
):
    dana = browser_for("dana")
    said = {"day": str(yesterday()), "party": "Somebody Else"} | wrong

    answer = dana.post(f"/encounters/{stay}/avoidable-days", said)

    assert answer.status_code == 422 and standing() == []
    assert 'value="Somebody Else"' in answer.text
    if sentence != "Write a day":
        assert sentence in answer.text


def test_an_entry_is_corrected_struck_out_and_readable_for_ever(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    where = f"/encounters/{stay}/avoidable-days"
    dana.post(where, {"day": str(yesterday()), "code": "PA-01"})
    [entry] = set(re.findall(r"entries/([0-9a-f-]{36})/amendment", dana.get(where).text))

    said = {"day": str(yesterday()), "code": "PA-02", "override": "Beds were free; the vent was the reason"}
    assert dana.post(f"/avoidable-days/entries/{entry}/versions", said).status_code == 422
    assert dana.post(f"/avoidable-days/entries/{entry}/versions", said | {"because": "Other reason"}).status_code == 303
    assert standing() == [("PA-02", "changed", 1.0)]
    text = dana.get(where).text
    assert "corrected" in text and "Other reason" in text and "Earlier versions" in text

    assert dana.post(f"/avoidable-days/entries/{entry}/end", {"reason": ""}).status_code == 422
    assert dana.post(f"/avoidable-days/entries/{entry}/end", {"reason": "Wrong stay"}).status_code == 303
    assert standing() == [] and "Wrong stay" in dana.get(where).text


def test_the_way_back_of_an_entry_leaves_alone_what_was_corrected_meanwhile(browser_for: BrowserFor, stay: uuid.UUID):
    dana, lee = browser_for("dana"), browser_for("lee")
    where = f"/encounters/{stay}/avoidable-days"
    said = {"day": str(yesterday()), "code": "PA-01"}
    answer = dana.post(where, said, headers=PIECE)
    [back] = set(re.findall(r"/avoidable-days/[a-z/-]+/[0-9a-f-]{36}/reversal", unescape(answer.text)))
    [entry] = set(re.findall(r"entries/([0-9a-f-]{36})/amendment", lee.get(where).text))
    corrected = said | {"code": "PA-02", "override": "Beds were free", "because": "Other reason"}
    assert lee.post(f"/avoidable-days/entries/{entry}/versions", corrected).status_code == 303

    late = dana.post(back)

    assert late.status_code == 409 and "was changed or struck out meanwhile" in late.text
    assert standing() == [("PA-02", "changed", 1.0)]


def test_the_way_back_of_an_entry_strikes_it_out_once(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    answer = dana.post(f"/encounters/{stay}/avoidable-days", {"day": str(yesterday()), "code": "PA-01"}, headers=PIECE)
    [back] = set(re.findall(r"/avoidable-days/[a-z/-]+/[0-9a-f-]{36}/reversal", unescape(answer.text)))

    assert dana.post(back).status_code == 303 and standing() == []
    assert dana.post(back).status_code == 409


def test_what_followed_from_the_reason_follows_from_the_corrected_one(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    where = f"/encounters/{stay}/avoidable-days"
    dana.post(where, {"day": str(yesterday()), "code": "OT-03", "override": "Nothing is known yet"})
    [entry] = set(re.findall(r"entries/([0-9a-f-]{36})/amendment", dana.get(where).text))
    form = dana.get(f"/avoidable-days/entries/{entry}/amendment").text
    said = {"day": str(yesterday()), "code": "PF-07", "override": "The ride failed", "because": "Known now"}
    for field in ("controllable", "party_kind"):
        chosen = re.search(rf'name="{field}".*?</select>', form, re.S)
        assert chosen is not None
        found = re.search(r'<option value="([^"]*)" selected', chosen.group())
        said[field] = found.group(1) if found else ""
    assert dana.post(f"/avoidable-days/entries/{entry}/versions", said).status_code == 303
    assert standing() == [("PF-07", "changed", 1.0)]


def test_a_delay_of_hours_is_no_day(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    where = f"/encounters/{stay}/avoidable-delays"
    day = str(yesterday())
    assert dana.get(f"{where}/new").status_code == 200
    said = {"since_on": day, "since_at": "08:00", "until_on": day, "until_at": "14:30", "code": "HS-02"}

    assert dana.post(where, said | {"until_at": "07:00"}).status_code == 422
    assert dana.post(where, said).status_code == 303

    text = dana.get(f"/encounters/{stay}/avoidable-days").text
    assert "6.5 h" in text and standing() == []


def test_a_stay_without_a_midnight_says_so(browser_for: BrowserFor, world: World):
    Ward().admit(Arrival(visit="V9", name="ALDER^NEW", place="4W^409^A", ago=timedelta(0)))

    text = browser_for("dana").get(f"/encounters/{stay_of('V9')}/avoidable-days/new").text

    assert "no day can be lost yet" in text


def test_the_drafts_are_confirmed_one_after_the_other(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    page = dana.get(DRAFTS).text
    keys = keys_of(page)
    assert "alder" in page.lower() and len(keys) >= 2

    answer = dana.post(f"{DRAFTS}/{keys[0]}/confirmation", headers=LIST).text

    assert "Confirmed: PA-01" in answer and "<html" not in answer and keys[0] not in keys_of(answer)
    assert re.search(r'data-focus href="/encounters', answer)
    again = dana.post(f"{DRAFTS}/{keys[0]}/confirmation", headers=LIST)
    assert again.status_code == 409 and "does not wait any more" in again.text


def test_many_are_confirmed_at_once(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    keys = keys_of(dana.get(DRAFTS).text)

    assert dana.post(f"{DRAFTS}/confirmations", {"draft": keys}).status_code == 303

    assert len(standing()) == len(keys)
    assert "No day waits to be confirmed" in dana.get(DRAFTS).text
    assert dana.post(f"{DRAFTS}/confirmations", {}, headers=LIST).status_code == 422


def test_a_draft_is_rejected_with_a_reason_and_that_is_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    keys = keys_of(dana.get(DRAFTS).text)

    assert "words" in dana.post(f"{DRAFTS}/{keys[0]}/rejection", {"reason": "other"}, headers=LIST).text
    answer = dana.post(f"{DRAFTS}/{keys[0]}/rejection", {"reason": "needed"}, headers=LIST)
    assert "Rejected: PA-01" in answer.text
    [rejection] = set(re.findall(r"rejections/([0-9a-f-]{36})/reversal", unescape(answer.text)))
    assert len(keys_of(dana.get(DRAFTS).text)) == len(keys) - 1

    assert dana.post(f"/avoidable-days/rejections/{rejection}/reversal").status_code == 303
    assert len(keys_of(dana.get(DRAFTS).text)) == len(keys)


def test_the_list_narrows_to_a_unit_and_to_ones_own(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")

    assert keys_of(dana.get(f"{DRAFTS}?unit=4W").text)
    assert not keys_of(dana.get(f"{DRAFTS}?unit=ICU").text)
    assert not keys_of(dana.get(f"{DRAFTS}?whose=mine").text)
    assert dana.post(f"/encounters/{stay}/own-assignment").status_code < 400
    assert keys_of(dana.get(f"{DRAFTS}?whose=mine").text)


def test_the_worklist_shows_drafts_and_lost_days_and_finds_them(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    keys = keys_of(dana.get(DRAFTS).text)
    drafted = dana.get("/worklists/inpatient?avoidable=drafts").text
    assert "alder" in drafted.lower() and "birch" not in drafted.lower()
    assert chips(stay) == [f"violet flag {len(keys)} drafts", None]

    dana.post(f"{DRAFTS}/confirmations", {"draft": keys})

    recorded = dana.get("/worklists/inpatient?avoidable=recorded").text
    assert "alder" in recorded.lower()
    assert chips(stay) == [None, f"violet bed avoidable {len(keys)} d"]
    assert "birch" in dana.get("/worklists/inpatient?avoidable=none&sort=-avoidable").text.lower()


def test_only_those_who_record_days_do_so(browser_for: BrowserFor, stay: uuid.UUID):
    aud = browser_for("aud")

    assert aud.get(DRAFTS).status_code in (403, 404)
    assert aud.post(f"/encounters/{stay}/avoidable-days", {"day": str(yesterday())}).status_code in (403, 404)


def test_the_dictionary_is_changed_from_a_day_on_and_codes_are_never_used_again(
    browser_for: BrowserFor, stay: uuid.UUID
):
    dora, dana = browser_for("dora"), browser_for("dana")
    where = "/avoidable-days/reasons"
    assert "Home health capacity" in dana.get(where).text and "Change" not in dana.get(where).text
    today = str(yesterday(0))
    said = {
        "label": "Home care has no nurse", "definition": "No agency near has a nurse", "party_kind": "vendor",
        "party": "agency", "controllable": "N", "begins": today,
    }  # fmt: skip

    assert dora.post(f"{where}/PA-06/versions", said).status_code == 303
    assert "Home care has no nurse" in dora.get(where).text
    assert dora.post(where, said | {"group": "PA", "code": "PA-06"}).status_code == 422
    assert dora.post(where, said | {"group": "PA", "code": "HS-77"}).status_code == 422
    assert dora.post(where, said | {"group": "PA", "code": "PA-51"}).status_code == 303
    assert dora.post(f"{where}/PA-51/versions", said | {"retired": "on"}).status_code == 303
    assert dora.post(where, said | {"group": "PA", "code": "PA-51"}).status_code == 422
    assert dora.post(f"{where}/OT-03/versions", said | {"retired": "on"}).status_code == 422
    assert dora.get(f"{where}/PA-06").status_code == 200 and dora.get(f"{where}/XX-01").status_code == 404
    # Before that day it reads as it did.
    assert "Home health capacity" in dana.get(f"/encounters/{stay}/avoidable-days/new?day={yesterday()}").text


def test_the_cost_of_a_day_is_set_with_its_convention_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    dora = browser_for("dora")
    where = "/avoidable-days/costs"
    assert "reports show no money" in dora.get(where).text
    assert dora.post("/avoidable-days/policy", {"ownership": "nonprofit", "half_days": "on"}).status_code == 303
    assert "$3,167" in dora.get(where).text and "20 to 40" in dora.get(where).text
    said = {
        "setting": "class", "setting_key": "OBS", "dollars": "410.50", "convention": "variable_direct",
        "source": "Cost accounting", "begins": str(yesterday(0)),
    }  # fmt: skip

    assert dora.post(where, said | {"setting_key": "ward"}).status_code == 422
    assert dora.post(where, said).status_code == 303
    text = dora.get(where).text
    assert "$410.50" in text and "variable direct cost" in text
    [cost] = re.findall(r"costs/([0-9a-f-]{36})/reversal", text.split("Set for this facility")[1])
    assert dora.post(f"{where}/{cost}/reversal").status_code == 303
    assert "$410.50" not in dora.get(where).text
    # Half days may be recorded now.
    half = {"day": str(yesterday()), "code": "PA-01", "amount": "0.5"}
    assert browser_for("dana").post(f"/encounters/{stay}/avoidable-days", half).status_code == 303
    assert standing() == [("PA-01", "confirmed", 0.5)]
