"""The choice in the browser's words: the list before it is made, the answer, paper, the link of a family."""

import html
import re
import uuid

import pytest

from app.discharge.choice.family import links
from app.platform.work import begin, everywhere, reading
from app.web.packets import sections
from tests.discharge.choice.support import answer, furnished, listed, stay_of
from tests.discharge.vendors.support import vendor_named
from tests.support.world import NOW, World


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    furnished(world)
    return stay_of(world)


def made_by(dana, stay: uuid.UUID) -> str:
    sent = {"care_type": "snf", "within": "25", "around": "hospital", "order": "distance"}
    assert dana.post(f"/encounters/{stay}/choice-lists", sent).status_code == 303
    with reading(everywhere("test")) as view:
        return str(view.value("select id from choice_list where ended_at is null"))


def test_without_a_list_the_page_says_what_to_do(browser_for, stay):
    assert "No list yet" in browser_for("dana").get(f"/encounters/{stay}/choice").text


def test_the_list_is_looked_at_before_it_is_made(browser_for, stay):
    dana = browser_for("dana")
    text = dana.get(f"/encounters/{stay}/choice/new?care_type=snf&within=25&around=hospital").text

    assert text.index("MAPLE TERRACE") < text.index("WILLOW BANK CARE") < text.index("QUARRY HILL")
    assert "This hospital has a financial interest in this provider (40 %)." in text
    assert "1 too far away" in text and "nearest first, then by name" in text
    assert "2026" in text


def test_the_form_opens_with_what_is_usual(browser_for, stay):
    text = browser_for("dana").get(f"/encounters/{stay}/choice/new").text

    assert 'value="25"' in text and "Make the list" in text


def test_a_list_of_which_nobody_is_left_is_refused_beside_its_field(browser_for, stay):
    sent = {"care_type": "snf", "within": "25", "can": "ventilator"}
    answered = browser_for("dana").post(f"/encounters/{stay}/choice-lists", sent)

    assert answered.status_code == 422 and "Nobody is left for the list" in answered.text


def test_an_answer_is_recorded_and_taken_back(browser_for, stay):
    dana = browser_for("dana")
    key = made_by(dana, stay)
    maple = vendor_named("MAPLE TERRACE")
    wrong = dana.post(f"/choice-lists/{key}/choices", {"outcome": "chosen", "evidence": "verbal", "first": str(maple)})
    assert wrong.status_code == 422 and "who heard it" in wrong.text

    sent = {"outcome": "chosen", "evidence": "paper", "first": str(maple), "said": "Near my sister"}
    assert dana.post(f"/choice-lists/{key}/choices", sent).status_code == 303
    text = dana.get(f"/encounters/{stay}/choice").text
    assert "Chose: MAPLE TERRACE" in text and "Near my sister" in text

    with reading(everywhere("test")) as view:
        choice = view.value("select choice_id from choice")
    assert "Save the correction" in dana.get(f"/choices/{choice}/amendment").text
    assert dana.post(f"/choices/{choice}/reversal").status_code == 303
    assert "No answer is recorded yet." in dana.get(f"/encounters/{stay}/choice").text


def test_an_affiliated_vendor_is_refused_without_the_disclosure(browser_for, stay):
    dana = browser_for("dana")
    key, owned = made_by(dana, stay), vendor_named("WILLOW BANK CARE")

    answered = dana.post(f"/choice-lists/{key}/choices", {"first": str(owned), "evidence": "paper"})
    assert answered.status_code == 422 and "financial interest with a provider that was chosen" in answered.text


def test_who_may_only_see_sees_no_buttons(browser_for, world, stay):
    listed(world, stay)
    aud = browser_for("aud")

    text = aud.get(f"/encounters/{stay}/choice").text
    assert "MAPLE TERRACE" in text and "Record the answer" not in text
    assert aud.get(f"/encounters/{stay}/choice/new").status_code == 403


def test_the_paper_holds_the_list_and_is_recorded_as_taken_out(browser_for, world, stay):
    made = listed(world, stay)
    paper = browser_for("dana").get(f"/choice-lists/{made.id}/paper")

    assert paper.status_code == 200 and paper.content.startswith(b"%PDF")
    kept = world.owner.execute("select detail, kind from phi_access order by id desc limit 1").fetchone()
    assert kept == ("list of providers", "export")


def test_a_packet_holds_the_list_and_the_answer(world, stay):
    answer(world, listed(world, stay).id, first=str(vendor_named("MAPLE TERRACE")))
    with reading(everywhere("test"), at=NOW) as db:
        (one,) = [part for part in sections(db, stay) if part.key == "choice"]

    facts = dict(one.blocks[0].facts)
    assert facts["Answer"] == "Chose, MAPLE TERRACE" and "as of 5 Mar 2026" in facts["Network"]
    assert [row[0] for row in one.blocks[0].table.rows] == ["MAPLE TERRACE", "WILLOW BANK CARE", "QUARRY HILL"]


def test_a_family_reads_the_list_without_a_name_and_its_wish_reaches_the_form(browser_for, world, stay):
    dana = browser_for("dana")
    key = made_by(dana, stay)
    text = html.unescape(dana.post(f"/choice-lists/{key}/links").text)
    address = re.search(r'href="[a-z]+:/+[^/"]+(/choice/[^"]+)"', text)[1]

    family = browser_for("")
    page = family.get(address)
    assert page.status_code == 200 and "MAPLE TERRACE" in page.text
    with reading(everywhere("test")) as view:
        hidden = [name for name in view.values("select unnest(array[family, given, number]) from patient") if name]
    assert hidden and not [name for name in hidden if name in page.text]
    assert page.headers["x-robots-tag"].startswith("noindex")
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)[1]
    family.csrf = token
    quarry = vendor_named("QUARRY HILL")
    assert family.post(address, {"first": "", "marked_by": "Ida"}).status_code == 422
    done = family.post(address, {"first": str(quarry), "marked_by": "Ida", "said": "Close to us"})
    assert "Thank you" in done.text

    assert "marked QUARRY HILL through the link" in dana.get(f"/encounters/{stay}/choice").text
    form = dana.get(f"/choice-lists/{key}/choices/new").text
    assert f'value="{quarry}" selected' in form
    seen = world.owner.execute("select count(*) from phi_access where kind = 'link'").fetchone()
    assert seen[0] >= 2

    assert dana.post(f"/choice-lists/{key}/links/end").status_code == 303
    assert family.get(address).status_code == 404


def test_a_forged_link_and_one_opened_too_often_say_so(browser_for, world, stay):
    family = browser_for("")
    assert "closed or past its time" in family.get("/choice/forged").text

    with begin(everywhere("test")) as work:
        work.connection.execute("update choice_visit set visits = %s", (links.MOST_VISITS,))
    slow = family.get("/choice/forged")
    assert slow.status_code == 429 and "Wait ten minutes" in slow.text


def test_a_stranger_reaches_no_list(browser_for, world, stay):
    made, stan = listed(world, stay), browser_for("stan")

    assert stan.get(f"/encounters/{stay}/choice").status_code == 404
    assert stan.get(f"/choice-lists/{made.id}/paper").status_code == 404
    assert stan.post(f"/choice-lists/{made.id}/choices", {"outcome": "declined"}).status_code == 404
