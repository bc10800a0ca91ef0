"""Pages of reports: forms lose nothing, what is ended can be taken up, mails are shown with what became of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import psycopg
import pytest

from app.metrics.reports.queries import shipped_key
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.metrics.study.planted import plant
from tests.support.client import Browser
from tests.support.reports import reachable, saved, sent
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def test_a_report_is_saved_changed_ended_and_taken_up_by_its_pages(browser_for: BrowserFor) -> None:
    dora = browser_for("dora")
    made = dora.post("/reports", {"name": "Our days", "measures": ["los", "excess_days"], "span": "last_quarter"})
    where = made.headers["location"]
    assert made.status_code == 303 and "Our days" in dora.get("/reports").text

    form = dora.get(f"{where}/edit").text
    assert len(re.findall(r'name="measures"[^>]* checked', form)) == 2
    changed = dora.post(f"{where}/versions", {"name": "Our nights", "measures": "los", "span": "rolling_year"})
    assert changed.status_code == 303 and "Our nights" in dora.get(where).text

    assert dora.post(f"{where}/end", {}).status_code == 303
    assert dora.get(where).status_code == 404 and "Ended reports" in dora.get("/reports").text
    assert dora.post(f"{where}/reopening", {}).status_code == 303
    text = unescape(dora.get(where).text)
    assert "Our nights: 1 measure, last twelve months" in text and text.count("saved ") >= 3


def test_a_form_with_a_mistake_comes_back_with_all_that_was_given(browser_for: BrowserFor) -> None:
    answer = browser_for("dora").post(
        "/reports", {"name": "Monthly report", "measures": ["denial", "overturn"], "span": "last_quarter"}
    )
    assert answer.status_code == 422 and "Another report has this name" in answer.text
    assert len(re.findall(r'value="(?:denial|overturn)"[^>]* checked', answer.text)) == 2
    assert '<option value="last_quarter" selected>' in answer.text


def test_a_report_is_read_as_of_earlier_days(
    world: World, browser_for: BrowserFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(world, monkeypatch)
    key, dora, today = shipped_key(world.facility["NORTH"]), browser_for("dora"), now().date()
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)

    text = dora.get(f"/reports/{key}").text
    assert f"{month:%b %Y}" in text and 'rel="next"' not in text
    earlier = re.search(r'href="([^"]+)" rel="prev"', text)
    assert earlier is not None
    before = dora.get(unescape(earlier.group(1))).text
    assert f"{month - timedelta(days=1):%b %Y}" in before
    onward = re.search(r'href="([^"]+)" rel="next"', before)
    assert onward is not None and f"{month:%b %Y}" in dora.get(unescape(onward.group(1))).text
    ahead = dora.get(f"/reports/{key}?on={today + timedelta(days=40)}")
    assert ahead.status_code == 422 and "not ahead" in ahead.text
    assert dora.get(f"/reports/{key}?on=soon").status_code == 422


def test_who_may_only_see_can_neither_change_nor_send(world: World, browser_for: BrowserFor) -> None:
    key, carla = saved(world), browser_for("carla")
    text = carla.get(f"/reports/{key}").text
    assert "Send by mail" not in text and "/edit" not in text
    for path in (f"/reports/{key}/edit", f"/reports/{key}/delivery", f"/reports/{key}/sending", "/reports/new"):
        assert carla.get(path).status_code == 403
    assert carla.post(f"/reports/{key}/end", {}).status_code == 403
    assert browser_for("dana").get(f"/reports/{key}").status_code in (403, 404)


def test_a_schedule_is_set_and_stopped_and_mails_are_shown(world: World, browser_for: BrowserFor) -> None:
    keys, dora = sent(world), browser_for("dora")
    where = f"/reports/{keys['report_id']}"
    text = unescape(dora.get(f"{where}/delivery").text)
    assert "every month on day 3 at 06:00, to 1 person" in text and "No mail server is set." in text
    assert "1 not sent" in dora.get("/reports").text, "a failure is visible on the list"

    given = {"rhythm": "weekly", "on_day": "12", "at_hour": "7", "people": str(world.user["dora"])}
    wrong = dora.post(f"{where}/schedule", given)
    assert wrong.status_code == 422 and "1, Monday, to 7, Sunday" in wrong.text
    assert re.search(rf'value="{world.user["dora"]}"[^>]* checked', wrong.text)
    assert dora.post(f"{where}/schedule", given | {"on_day": "1"}).status_code == 303
    assert "every week on Monday at 07:00" in dora.get("/reports").text
    assert dora.post(f"{where}/schedule/end", {}).status_code == 303
    assert "Not sent by itself" in dora.get(f"{where}/delivery").text
    assert dora.post(f"{where}/schedule/reopening", {}).status_code == 303
    assert "every week on Monday at 07:00" in dora.get("/reports").text

    assert dora.post(f"/report-deliveries/{keys['report_delivery_id']}/repeats", {}).status_code == 303
    assert dora.get(f"{where}/delivery").text.count("Waiting") == 1


def test_sending_now_is_confirmed_and_needs_somebody(world: World, browser_for: BrowserFor) -> None:
    key, dora = saved(world), browser_for("dora")
    reachable(world, "dora")
    page = dora.get(f"/reports/{key}/sending").text
    assert "cannot be called back" in page and "dora@north.example" in page and "no address yet" in page
    assert dora.post(f"/reports/{key}/sending", {}).status_code == 422
    assert dora.post(f"/reports/{key}/sending", {"people": str(world.user["dora"])}).status_code == 303
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from report_delivery where state = 'waiting'") == 1


def test_my_address_is_kept_where_it_may_be(
    world: World, browser_for: BrowserFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBOOK_MAIL_FROM", "reports@north.example")
    carla = browser_for("carla")
    wrong = carla.post("/report-address", {"address": "carla@elsewhere.example"})
    assert wrong.status_code == 422 and 'value="carla@elsewhere.example"' in wrong.text
    assert carla.post("/report-address", {"address": "carla@north.example"}).status_code == 303
    assert 'value="carla@north.example"' in carla.get("/reports").text


@pytest.mark.parametrize("measures", [["los"], ["los", "readmission", "order_to_departure", "denial"]])
def test_statements_grow_with_measures_and_not_with_cases(
    world: World, browser_for: BrowserFor, monkeypatch: pytest.MonkeyPatch, measures: list[str]
) -> None:
    key, dora = saved(world, measures=measures), browser_for("dora")
    counts = []
    for stays in (0, 130):
        if stays:
            plant(world, monkeypatch, stays)
        dora.get(f"/reports/{key}")
        counts.append(statements(monkeypatch, lambda: dora.get(f"/reports/{key}")))
    assert counts[0] == counts[1] <= 30 + 8 * len(measures)


def statements(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> int:
    """How many statements it takes."""
    seen: list[object] = []
    real = psycopg.Cursor.execute

    def counted(self: psycopg.Cursor[object], query: object, *given: object, **more: object) -> object:
        seen.append(query)
        return real(self, query, *given, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Cursor, "execute", counted)
        do()
    return len(seen)
