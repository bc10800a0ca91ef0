"""Recording a disclosure at the stay: the form, versions, striking out, the way back."""

import html
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.accounts.disclosures.support import TODAY, recorded
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
TOLD = {"category": "court", "on": TODAY.isoformat(), "recipient": "Harbor Probate Court", "address": "1 Court Square",
        "description": "Capacity assessment", "basis": "statement", "purpose": "Hearing on guardianship"}  # fmt: skip


def text(answer: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())


def kept(columns: str) -> list[tuple[object, ...]]:
    with reading(everywhere("test")) as view:
        return view.connection.execute(
            f"select {columns} from disclosure order by made_at, id"  # type: ignore[arg-type]
        ).fetchall()


def test_what_was_recorded_stands_on_the_stay_and_can_be_taken_back(browser_for: BrowserFor, world: World) -> None:
    stay, dana = add_stay(world), browser_for("dana")

    answer = dana.post(f"/encounters/{stay}/disclosures", TOLD)
    assert answer.status_code == 303 and "Probate" not in answer.headers["location"]
    page = dana.get(f"/encounters/{stay}/disclosures")
    shown = text(page.text)
    assert "Court or administrative proceeding: Harbor Probate Court" in shown and "Hearing on guardianship" in shown

    (key,) = (row[0] for row in kept("disclosure_id"))
    dana.post(f"/disclosure-records/{key}/reversal")

    assert "struck out" in text(dana.get(f"/encounters/{stay}/disclosures").text)
    assert kept("ended_because") == [("struck_out",)]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"on": (now().date() + timedelta(days=3)).isoformat()}, "This day lies in the future."),
        ({"purpose": ""}, "Write the purpose in a sentence"),
        ({"recipient": ""}, "Fill in this field."),
        ({"category": "weather"}, "Choose one of the list."),
        ({"on": "soon"}, "Write a date."),
    ],
)
def test_bad_form_says_what_is_wrong_beside_its_field_and_keeps_the_rest(
    browser_for: BrowserFor, world: World, wrong: dict[str, str], sentence: str
) -> None:
    stay = add_stay(world)

    answer = browser_for("dana").post(f"/encounters/{stay}/disclosures", TOLD | wrong)

    assert answer.status_code == 422 and sentence in text(answer.text)
    assert "Capacity assessment" in answer.text and 'aria-invalid="true"' in answer.text
    assert kept("id") == []


def test_copy_of_the_request_stands_in_the_place_of_a_purpose(browser_for: BrowserFor, world: World) -> None:
    stay, dana = add_stay(world), browser_for("dana")

    assert dana.post(f"/encounters/{stay}/disclosures", TOLD | {"basis": "request", "purpose": ""}).status_code == 303

    assert "A copy of the written request is kept" in text(dana.get(f"/encounters/{stay}/disclosures").text)


def test_same_disclosure_is_not_recorded_twice(browser_for: BrowserFor, world: World) -> None:
    stay, dana = add_stay(world), browser_for("dana")
    dana.post(f"/encounters/{stay}/disclosures", TOLD)

    again = dana.post(f"/encounters/{stay}/disclosures", TOLD | {"recipient": "HARBOR probate court"})

    assert again.status_code == 422 and "recorded already" in text(again.text) and len(kept("id")) == 1


def test_correction_makes_a_version_and_the_earlier_one_stays_readable(browser_for: BrowserFor, world: World) -> None:
    stay, dana = add_stay(world), browser_for("dana")
    made = recorded(world, stay)
    address = f"/disclosure-records/{made.disclosure_id}/amendment"
    assert "County Adult Protective Services" in dana.get(address).text
    without_reason = dana.post(address, TOLD)

    answer = dana.post(address, TOLD | {"because": "Wrong agency chosen"})

    assert without_reason.status_code == 422 and answer.status_code == 303
    shown = text(dana.get(f"/encounters/{stay}/disclosures").text)
    assert "Harbor Probate Court" in shown and "corrected: Wrong agency chosen" in shown
    assert "Before:" in shown and "County Adult Protective Services" in shown
    assert sorted(str(row[0]) for row in kept("ended_because")) == ["", "amended"]


def test_striking_out_needs_a_reason_and_happens_once(browser_for: BrowserFor, world: World) -> None:
    stay, dana = add_stay(world), browser_for("dana")
    address = f"/disclosure-records/{recorded(world, stay).disclosure_id}"

    assert dana.post(f"{address}/end", {"reason": ""}).status_code == 422
    assert dana.post(f"{address}/end", {"reason": "Nothing was sent after all"}).status_code == 303
    assert dana.post(f"{address}/end", {"reason": "Nothing was sent after all"}).status_code == 409
    assert dana.post(f"{address}/amendment", TOLD | {"because": "Another thought"}).status_code == 422


def test_who_only_reads_sees_no_form(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world)
    recorded(world, stay)

    page = browser_for("aud").get(f"/encounters/{stay}/disclosures")

    assert "County Adult Protective Services" in page.text and "Record a disclosure" not in page.text
    assert browser_for("aud").post(f"/encounters/{stay}/disclosures", TOLD).status_code == 403


def test_trail_holds_neither_recipient_nor_content(world: World) -> None:
    recorded(world, add_stay(world, StaySpec()))

    with reading(everywhere("test")) as view:
        (facts,) = view.values("select facts from audit_event where name = 'disclosure.recorded'")
    assert set(facts) == {"facility_id", "disclosure_id", "category"}


def test_nobody_of_another_hospital_finds_the_record(browser_for: BrowserFor, world: World) -> None:
    made = recorded(world, add_stay(world))

    assert browser_for("stan").get(f"/disclosure-records/{made.disclosure_id}/amendment").status_code == 404
    assert browser_for("stan").get(f"/disclosure-records/{uuid.uuid4()}/amendment").status_code == 404
