"""The tab Payment days in the browser's own words."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.census.drg.commands import TakeFile, import_file
from app.kernel.as_of import PARAMETER
from app.ltac.days.commands import record_entry
from app.ltac.days.forms import EvidenceForm
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.regulations.drg import fiscal_year
from app.web.frame import flash_from_cookie
from tests.ltac.days.support import ZONE, long_stay, on_leave, set_columns
from tests.notices.support import ADMITTED, tell
from tests.support.client import Browser
from tests.support.long_term import make_kind
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
KEY = re.compile(r"/payment-day-entries/([0-9a-f-]+)/end")


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def ago(**more: int) -> str:
    return (datetime.now(UTC) - timedelta(**more)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    made = long_stay(world, ago(days=21))
    table = f"fiscal_year,ms_ltc_drg,relative_weight,gmlos\n{fiscal_year(now().date())},189,0.9,24.0\n"
    import_file(TakeFile("ltc.csv", table.encode()))
    return made


def page_of(browser: Browser, stay: uuid.UUID) -> str:
    answer = browser.get(f"/encounters/{stay}/payment-days")
    assert answer.status_code == 200
    return words(answer.text)


def test_the_threshold_stands_beside_readiness(browser_for: BrowserFor, stay: uuid.UUID):
    text = page_of(browser_for("lena"), stay)
    assert "Not medically ready covered day 22 · short-stay threshold passed from day 21" in text
    assert text.index("Not medically ready") < text.index("threshold")
    assert "geometric mean 24 d" in text and "up to 20 days" in text
    assert "has not been away" in text and "Earlier use of benefit days is not recorded" in text


def test_evidence_is_recorded_replaced_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    lena, address = browser_for("lena"), f"/encounters/{stay}/payment-days"
    assert "Not yet proved" in page_of(lena, stay)
    proof = {"preceded": "yes", "intensive_days": "4", "excluded": "no", "source": "ICU summary"}
    assert lena.post(f"{address}/evidence", proof).headers["location"] == f"{address}#evidence"
    answer = lena.get(address).text
    assert "Standard rate" in words(answer) and "4 days in intensive care just before" in words(answer)
    assert "ICU summary" in words(answer)
    key = KEY.search(answer)
    assert key is not None
    [said] = flash_from_cookie(lena.post(f"{address}/evidence", proof | {"preceded": "no"}).cookies["daybook-flash"])
    assert said.undo is not None
    assert "Site-neutral" in page_of(lena, stay) and "no short-stay threshold applies" in page_of(lena, stay)
    assert lena.post(said.undo.action, {}).status_code == 303
    assert "Standard rate" in page_of(lena, stay)
    refused = lena.post(f"/payment-day-entries/{key[1]}/end", {"reason": ""})
    assert refused.status_code == 422 and "Not saved. Please correct" in words(refused.text)
    assert lena.post(f"/payment-day-entries/{key[1]}/end", {"reason": "Wrong patient"}).status_code == 303
    text = page_of(lena, stay)
    assert "Not yet proved" in text and "Wrong patient" in text and "does not stand" in text


def test_what_is_refused_keeps_what_was_typed(browser_for: BrowserFor, stay: uuid.UUID):
    lena = browser_for("lena")
    told = {"as_of": "2026-01-01", "source": "contractor", "used": "12", "reserve_left": "77"}
    answer = lena.post(f"/encounters/{stay}/payment-days/earlier_use", told)
    assert answer.status_code == 422
    assert 'value="77"' in answer.text and 'value="contractor" selected' in answer.text and "60" in words(answer.text)
    told["reserve_left"] = "44"
    answer = lena.post(f"/encounters/{stay}/payment-days/earlier_use", told)
    assert answer.status_code == 422 and "Write when the benefit period began" in words(answer.text)
    empty = lena.post(f"/encounters/{stay}/payment-days/evidence", {"preceded": ""})
    assert empty.status_code == 422 and "Say at least one" in words(empty.text)
    assert lena.post(f"/encounters/{stay}/payment-days/nothing", {}).status_code == 404


def test_benefit_days_warn_and_say_what_is_owed(browser_for: BrowserFor, stay: uuid.UUID):
    lena, today = browser_for("lena"), now().astimezone(ZONE).date()
    told = {"as_of": str(today), "source": "eligibility", "used": "33", "reserve_left": "9",
            "period_began": str(today - timedelta(days=70)), "last_out": str(today - timedelta(days=30))}  # fmt: skip
    assert lena.post(f"/encounters/{stay}/payment-days/earlier_use", told).status_code == 303
    text = page_of(lena, stay)
    assert "day 55 of the benefit period, a full day" in text and "Day 55 of 60 full days. Coinsurance begins" in text
    assert "9 lifetime reserve days left, of 60." in text and "Patient owes so far $0" in text
    keep = {"choice": "keep", "told_on": str(today), "agreed_with": "her daughter"}
    assert lena.post(f"/encounters/{stay}/payment-days/reserve_choice", keep).status_code == 303
    assert "Keep them" in page_of(lena, stay)


def test_an_absence_shows_its_ladder_and_asks_for_the_place(browser_for: BrowserFor, stay: uuid.UUID):
    on_leave(stay, ago(hours=26))
    lena, address = browser_for("lena"), f"/encounters/{stay}/payment-days"
    answer = lena.get(address).text
    assert "Not known, now day 2" in words(answer) or "Not known, now day 3" in words(answer)
    assert "if the patient was there" in words(answer) and " left" in words(answer)
    left = re.search(r'name="left_at" value="([^"]+)"', answer)
    assert left is not None
    refused = lena.post(f"{address}/away", {"left_at": left[1], "to": "unknown"})
    assert refused.status_code == 422 and "Say where the patient was" in words(refused.text)
    said = {"left_at": left[1], "to": "home", "place": "with her son"}
    assert lena.post(f"{address}/away", said).status_code == 303
    text = page_of(lena, stay)
    assert "day 9" not in text and "new stay, with a new screening" in text and "with her son" in text


def test_two_visits_are_named_as_one_stay(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    other = long_stay(world, ago(days=60))
    with begin(everywhere("test")) as work:
        patient: Any = work.value("select patient_id from encounter where id = %s", (other,))
        left = datetime.now(UTC) - timedelta(days=27)
        set_columns(work, other, status="discharged", discharge_at=left, disposition="02", location="")
        set_columns(work, stay, patient_id=patient, home_patient_id=patient)
    with reading(everywhere("test")) as view:
        numbers = view.values("select visit_number from encounter where patient_id = %s order by start_at", (patient,))
    for one in (stay, other):
        text = page_of(browser_for("lena"), one)
        assert f"one stay under the visits {numbers[0]}, {numbers[1]}" in text and "same stay, one payment" in text


def test_other_hospitals_have_no_such_tab(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    acute = add_stay(world, StaySpec())
    dana = browser_for("dana")
    assert "Payment days" not in words(dana.get(f"/encounters/{acute}").text)
    assert dana.get(f"/encounters/{acute}/payment-days").status_code in (404, 409)
    assert dana.get(f"/encounters/{stay}/payment-days").status_code == 404
    assert "Payment days" in words(browser_for("lena").get(f"/encounters/{stay}").text)


def test_the_tab_as_of_an_earlier_time_shows_what_was_known_then(browser_for: BrowserFor, world: World):
    stay = tell(world, ADMITTED)
    make_kind(world, "ltch")
    with begin(everywhere("test"), at=now() - timedelta(minutes=1)) as work:
        record_entry(work, stay, EvidenceForm(preceded="no", source="admission note"))
    dana = browser_for("dana")
    assert "admission note" in page_of(dana, stay)
    then = (now() - timedelta(hours=1)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    answer = dana.get(f"/encounters/{stay}/payment-days?{PARAMETER}={then}")
    assert answer.status_code == 200
    text = words(answer.text)
    assert "Readiness and days" in text and "admission note" not in text and "Record evidence" not in text
