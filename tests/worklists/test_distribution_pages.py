"""The pages by which a lead shares out stays: what they show, what they refuse, what they do."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.web.frame import Flash, flash_from_cookie
from app.worklists.assignment.commands import AssignStay, assign
from app.worklists.assignment.people import owner_of
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def owner(world: World, stay: uuid.UUID) -> str:
    with reading(everywhere("test")) as db:
        found = owner_of(db, stay)
    names = {key: name for name, key in world.user.items()}
    return names[found.user_id] if found else ""


def said(answer: object) -> Flash:
    (flash,) = flash_from_cookie(answer.cookies["daybook-flash"])  # type: ignore[attr-defined]
    return flash


def give(world: World, stay: uuid.UUID, person: str) -> None:
    with begin(world.viewer("lee")) as work:
        assign(work, stay, AssignStay(to=world.user[person]))


def rule(world: World, name: str, *people: str, **more: object) -> dict[str, object]:
    return {"name": name, "people": [str(world.user[one]) for one in people], **more}


def days(first: int, last: int) -> dict[str, str]:
    today = now().date()
    return {"first_day": str(today + timedelta(days=first)), "last_day": str(today + timedelta(days=last))}


def absence_of(browser: Browser, person: uuid.UUID, first: int = -1, last: int = 2) -> str:
    answer = browser.post("/absences", {"user_id": str(person), **days(first, last)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_rule_is_tried_out_saved_and_gives_stays_which_one_undo_takes_back(
    world: World, browser_for: BrowserFor
) -> None:
    here, elsewhere = add_stays(world, [StaySpec(unit="4W"), StaySpec(unit="ICU")])
    lee = browser_for("lee")
    lee.get("/distribution/rules/new")

    tried = lee.post("/distribution/rules", rule(world, "West", "dana", units=["4W"], deed="try"))
    assert tried.status_code == 200 and "nothing is saved yet" in tried.text
    assert "No rule is in force yet" in lee.get("/distribution").text
    assert lee.post("/distribution/rules", rule(world, "West", "dana", units=["4W"])).status_code == 303
    shown = lee.get("/distribution/rules").text
    assert "unit 4 West" in shown and "Dana Whitlow" in shown
    done = said(lee.post("/distribution/run"))

    assert (owner(world, here), owner(world, elsewhere)) == ("dana", "")
    assert "1 stay assigned" in done.text and "No rule speaks of 1 stay" in done.text and done.undo is not None
    assert "Rule 1, West: always this person." in lee.get(f"/encounters/{here}/assignment").text
    lee.post(done.undo.action)
    assert owner(world, here) == ""


def test_a_rule_without_people_comes_back_and_one_without_a_name_too(world: World, browser_for: BrowserFor) -> None:
    lee = browser_for("lee")
    assert "Choose one or more people" in lee.post("/distribution/rules", {"name": "West"}).text
    answer = lee.post("/distribution/rules", rule(world, "", "dana"))
    assert answer.status_code == 422 and "Fill in this field" in answer.text
    stranger = lee.post("/distribution/rules", rule(world, "South", "stan"))
    assert stranger.status_code == 422 and "may not have stays in this facility" in stranger.text


def test_rules_change_their_order_their_words_and_end(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    lee = browser_for("lee")
    for name, person in (("First", "dana"), ("Second", "uma")):
        lee.post("/distribution/rules", rule(world, name, person))
    first, second = re.findall(r"/distribution/rules/([0-9a-f-]{36})\" data-stop", lee.get("/distribution/rules").text)

    lee.post(f"/distribution/rules/{second}/earlier")
    assert lee.post(f"/distribution/rules/{second}", rule(world, "Late", "uma")).status_code in (409, 422)
    lee.post("/distribution/run")
    assert owner(world, stay) == "uma"

    now_first, now_second = re.findall(
        r"/distribution/rules/([0-9a-f-]{36})\" data-stop", lee.get("/distribution/rules").text
    )
    assert lee.get(f"/distribution/rules/{now_first}").status_code == 200
    lee.post(f"/distribution/rules/{now_first}", rule(world, "Second, reworded", "sol", classes=["OBS"]))
    lee.post(f"/distribution/rules/{now_second}/end")
    text = lee.get("/distribution/rules").text
    assert "Second, reworded" in text and "class Observation" in text and ">First<" not in text
    with reading(everywhere("test")) as db:
        ended = db.value("select count(*) from assignment_rule where ended_at is not null")
    assert ended == 4, "what was in force stays to be read"
    assert first not in text


def test_minutes_of_a_facility_are_its_own_from_now_on(world: World, browser_for: BrowserFor) -> None:
    add_stay(world)
    lee = browser_for("lee")
    given = dict(re.findall(r'name="([a-z_]+)"[^>]*?(?:value="(\d+)")', lee.get("/distribution/minutes").text))
    fields = re.findall(r'value="(\d+)"[^>]*? name="([a-z_]+)"', lee.get("/distribution/minutes").text)
    given |= {name: value for value, name in fields}
    assert given["inpatient"] == "8" and len(given) == 10

    wrong = lee.post("/distribution/minutes", given | {"inpatient": "many"})
    assert wrong.status_code == 422 and "Write whole minutes" in wrong.text
    lee.post("/distribution/minutes", given | {"inpatient": "48"})
    lee.post("/distribution/minutes", given | {"inpatient": "58"})

    assert "58 min of expected work" in lee.get("/distribution").text
    assert "0 stays" in browser_for("stan").get("/worklists/unassigned").text


def test_work_is_evened_out_as_proposed_and_undone_as_one(world: World, browser_for: BrowserFor) -> None:
    stays = add_stays(world, [StaySpec(family=f"Load{i}", payer="") for i in range(8)])
    for stay in stays[:7]:
        give(world, stay, "dana")
    give(world, stays[7], "uma")
    lee = browser_for("lee")

    page = lee.get("/distribution/balance")
    moves = re.findall(r'name="move" value="([0-9a-f -]+)"', page.text)
    assert moves and "Before and after" in page.text
    done = said(lee.post("/distribution/balance", {"move": moves}))

    assert [owner(world, stay) for stay in stays].count("uma") == 1 + len(moves)
    assert done.undo is not None
    lee.post(done.undo.action)
    assert [owner(world, stay) for stay in stays] == ["dana"] * 7 + ["uma"]
    assert lee.post("/distribution/balance", {}).status_code == 409


def test_an_absent_colleague_is_covered_as_proposed_and_comes_back(world: World, browser_for: BrowserFor) -> None:
    stays = add_stays(world, [StaySpec(family=f"Cover{i}", unit="4W" if i < 3 else "5E") for i in range(6)])
    for stay in stays:
        give(world, stay, "dana")
    lee = browser_for("lee")
    path = absence_of(lee, world.user["dana"])
    assert "6 stays</b> of colleagues who are away today are not covered" in lee.get("/distribution").text

    page = lee.get(f"{path}?person={world.user['uma']}&person={world.user['sol']}").text
    rows = re.findall(r'<option value="([0-9a-f -]+)" selected>', page)
    assert len(rows) == 6
    done = said(lee.post(f"{path}/cover", {"cover": rows}))

    assert sorted(owner(world, stay) for stay in stays) == ["sol"] * 3 + ["uma"] * 3
    assert len({owner(world, stay) for stay in stays[:3]}) == 1, "a unit stays together"
    assert done.text.startswith("6 stays covered until ") and done.undo is not None
    uma = browser_for("uma")
    assert "covering Dana until" in uma.get("/worklists/inpatient").text
    assert "back to you" in browser_for("dana").get("/worklists/inpatient?owner=lent").text
    brief = uma.get(f"{path}/brief")
    assert brief.text.count("<article") == 3 and "Uma Reyes: 3 stays" in brief.text
    assert browser_for("paul").get(f"{path}/brief").status_code == 404

    lee.post(done.undo.action)
    assert {owner(world, stay) for stay in stays} == {"dana"}
    lee.post(f"{path}/cover", {"cover": re.findall(r'<option value="([0-9a-f -]+)" selected>', lee.get(path).text)})
    assert browser_for("dana").post(f"{path}/end").status_code == 303
    assert {owner(world, stay) for stay in stays} == {"dana"}


def test_a_protected_stay_that_the_lead_does_not_see_is_counted_not_named(
    world: World, browser_for: BrowserFor
) -> None:
    secret = add_stay(world, StaySpec(family="Celebrity", sensitivity="vip"))
    with begin(everywhere("test")) as work:
        assign(work, secret, AssignStay(to=world.user["dana"]))
    lee = browser_for("lee")
    page = lee.get(absence_of(lee, world.user["dana"])).text
    assert "1 protected stay is not shown" in page and "Celebrity" not in page


def test_people_mark_their_own_absence_only(world: World, browser_for: BrowserFor) -> None:
    dana, uma = browser_for("dana"), browser_for("uma")
    dana.get("/absences")
    assert dana.post("/absences", {"user_id": str(world.user["uma"]), **days(1, 2)}).headers["location"] == "/absences"
    assert "1 absence" not in dana.get("/absences").text and "Dana Whitlow" in dana.get("/absences").text
    assert "You are not marked as away" in uma.get("/absences").text
    again = dana.post("/absences", days(2, 3))
    assert again.status_code == 422 and "marked absent on some of these days" in again.text
    assert dana.post("/absences", days(3, 2)).status_code == 422
    past = dana.post("/absences", days(-5, -4))
    assert past.status_code == 422 and "is over already" in past.text
    with reading(everywhere("test")) as db:
        absence = db.value("select id from absence")
    assert uma.post(f"/absences/{absence}/end").status_code == 404
    assert uma.get(f"/absences/{absence}").status_code == 403


def test_a_stay_is_taken_over_with_a_reason_and_given_back(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    give(world, stay, "dana")
    uma = browser_for("uma")
    until = (now() + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M")
    assert "Take this stay over" in uma.get(f"/encounters/{stay}/assignment").text

    refused = uma.post(f"/encounters/{stay}/takeover", {"reason": "", "until": until})
    assert refused.status_code == 422 and "Fill in this field" in refused.text
    late = uma.post(f"/encounters/{stay}/takeover", {"reason": "family meeting", "until": "2020-01-01T10:00"})
    assert late.status_code == 422 and "within the next 30 days" in late.text
    done = said(uma.post(f"/encounters/{stay}/takeover", {"reason": "family meeting", "until": until}))

    assert owner(world, stay) == "uma" and done.undo is not None
    text = browser_for("dana").get(f"/encounters/{stay}/assignment").text
    assert "covering Dana Whitlow until" in text and "family meeting" in text
    back = said(uma.post(f"/encounters/{stay}/own-assignment/end"))
    assert back.text == "Your colleague has this stay again." and owner(world, stay) == "dana"


def test_a_covered_stay_is_kept(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    give(world, stay, "dana")
    uma = browser_for("uma")
    until = (now() + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M")
    uma.post(f"/encounters/{stay}/takeover", {"reason": "family meeting", "until": until})
    assert uma.post(f"/encounters/{stay}/own-assignment/keep").status_code == 303
    assert "covering" not in uma.get(f"/encounters/{stay}/assignment").text and owner(world, stay) == "uma"
    assert uma.post(f"/encounters/{stay}/own-assignment/keep").status_code == 409


def test_a_selection_is_given_as_one_deed_with_one_undo(world: World, browser_for: BrowserFor) -> None:
    first, second = add_stays(world, [StaySpec(), StaySpec()])
    give(world, first, "uma")
    lee = browser_for("lee")
    form = {"stay": [str(first), str(second)], "to": str(world.user["dana"])}
    done = said(lee.post("/worklists/inpatient/assignments", form))
    assert (owner(world, first), owner(world, second)) == ("dana", "dana") and done.undo is not None
    dora = browser_for("dora")
    assert dora.post(done.undo.action).status_code == 409
    lee.post(done.undo.action)
    assert (owner(world, first), owner(world, second)) == ("uma", "")
    assert lee.post(done.undo.action).status_code == 409


def test_a_lead_reads_that_a_stay_leaves_and_nobody_has_it(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(pending="discharge"), StaySpec(pending="discharge"), StaySpec()])
    lee = browser_for("lee")
    for path in ("/worklists/unassigned", "/distribution"):
        assert "2 stays are leaving, and nobody has them." in lee.get(path).text
    assert "nobody has them." not in browser_for("dana").get("/worklists/unassigned").text


def test_distribution_is_for_leads(browser_for: BrowserFor) -> None:
    for path in ("/distribution", "/distribution/rules", "/distribution/balance", "/distribution/minutes"):
        assert browser_for("dana").get(path).status_code == 403, quote(path)
