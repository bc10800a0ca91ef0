"""The officer's pages of unusual access: evidence, decisions, rules, days on demand; and who sees none of it."""

import html
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.accounts.watching.unusual import looking
from app.accounts.watching.unusual.rules import BY_PATTERN
from app.accounts.watching.unusual.terms import Pattern
from app.kernel.days import local_day
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.accounts.watching.support import patient_of
from tests.accounts.watching.test_unusual import ZONE, finding, namesake, yesterday
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
__all__ = ["finding", "namesake"]  # fixtures of the other half


def text(answer: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())


def test_the_officer_reads_the_evidence_and_decides(browser_for: BrowserFor, finding: uuid.UUID) -> None:
    priya = browser_for("priya")

    listed = text(priya.get("/audit/unusual").text)
    assert "Patient of the same last name" in listed and "Dana Whitlow (dana)" in listed
    page = text(priya.get(f"/audit/unusual/{finding}").text)
    assert "Honest work that looks the same" in page and "192.0.2.44" in page and "MRN M" in page
    empty = priya.post(f"/audit/unusual/{finding}/decisions", {"verdict": "explained"})
    assert empty.status_code == 422
    said = {"verdict": "false_alarm", "said": "A cousin of nobody."}
    assert priya.post(f"/audit/unusual/{finding}/decisions", said).headers["location"] == "/audit/unusual"

    after = text(priya.get("/audit/unusual").text)
    assert "Nothing looks unusual" in after and "100 % fewer than 10" in after
    assert "A cousin of nobody." in text(priya.get("/audit/unusual?shown=decided").text)


def test_days_are_looked_at_on_demand(browser_for: BrowserFor, world: World, namesake: uuid.UUID) -> None:
    priya = browser_for("priya")
    assert "No day was looked at yet" in priya.get("/audit/unusual").text
    day = yesterday().isoformat()

    assert priya.post("/audit/unusual/looks", {"first": day, "last": day}).status_code == 303
    with reading(everywhere("test")) as view:
        job = view.value("select args from procrastinate_jobs where task_name = %s", (looking.SPAN_JOB,))
    looking.watch_span(**{name: job[name] for name in ("facility_id", "first", "last")})

    assert "Patient of the same last name" in priya.get("/audit/unusual").text


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (0, -1, "The last day lies before the first."), (0, 3, "This day has not come yet."),
        (-40, 0, "Ask for 31 days at most."), (None, 0, "Fill in this field."),
    ],
)  # fmt: skip
def test_days_that_cannot_be_looked_at(browser_for: BrowserFor, first: int | None, last: int, sentence: str) -> None:
    today = local_day(now(), ZONE)
    given = {"last": (today + timedelta(days=last)).isoformat()}
    given |= {} if first is None else {"first": (today + timedelta(days=first)).isoformat()}

    answer = browser_for("priya").post("/audit/unusual/looks", given)

    assert answer.status_code == 422 and sentence in answer.text


def test_a_rule_is_set_on_its_page(browser_for: BrowserFor, world: World) -> None:
    priya = browser_for("priya")
    shipped = {name: str(value) for name, value in BY_PATTERN[Pattern.MANY].shipped.items()}
    assert "Nobody has changed it" in priya.get("/audit/unusual/rules/many").text

    wrong = priya.post("/audit/unusual/rules/many/versions", shipped | {"patients": "x", "reason": "Conferences"})
    same = priya.post("/audit/unusual/rules/many/versions", shipped | {"reason": "Conferences"})
    right = priya.post("/audit/unusual/rules/many/versions", shipped | {"patients": "60", "reason": "Conferences"})

    assert wrong.status_code == 422 and "write a number from 1 to 1000" in wrong.text
    assert same.status_code == 422 and "set like this already" in same.text
    assert right.status_code == 303 and "Conferences" in priya.get("/audit/unusual/rules/many").text
    assert priya.get("/audit/unusual/rules/gossip").status_code == 404


def test_the_auditor_reads_and_does_not_decide(browser_for: BrowserFor, finding: uuid.UUID) -> None:
    auditor = browser_for("aud")
    page = auditor.get(f"/audit/unusual/{finding}")

    assert page.status_code == 200 and "Record the decision" not in page.text
    said = {"verdict": "explained", "said": "Not mine to say."}
    assert auditor.post(f"/audit/unusual/{finding}/decisions", said).status_code == 403
    assert auditor.post("/audit/unusual/rules/many/versions", {"reason": "No."}).status_code == 403


@pytest.mark.parametrize("name", ["dana", "lee", "dora", "adam", "stan"])
def test_nobody_else_sees_findings(browser_for: BrowserFor, finding: uuid.UUID, name: str) -> None:
    assert browser_for(name).get("/audit/unusual").status_code == 403
    assert browser_for(name).get(f"/audit/unusual/{finding}").status_code == 403


def test_patient_of_a_finding_is_written_down_as_shown(browser_for: BrowserFor, finding: uuid.UUID) -> None:
    browser_for("priya").get(f"/audit/unusual/{finding}")

    with reading(everywhere("test")) as view:
        kept = view.connection.execute("select patients, detail from phi_access where actor = 'priya'").fetchall()
        stay = view.value("select encounter_id from unusual_access")
    assert kept == [([patient_of(stay)], "finding about Dana Whitlow (dana)")]
