"""Pages of measures: every number equals an independent count, and opens a list of as many cases."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from statistics import mean, median
from typing import Any

import pytest

from app.accounts.people import GrantRole, grant_role
from app.metrics.definitions import DEFINITIONS
from app.metrics.store import queries
from app.metrics.terms import MeasureId
from app.platform.now import now
from app.platform.work import begin, everywhere
from app.security.permissions import Role
from tests.metrics.study.planted import Planted, plant
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]


@pytest.fixture
def cases(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Planted]:
    return plant(world, monkeypatch)


def window() -> tuple[date, date]:
    """Days far enough back that nothing of them can change any more."""
    today = now().date()
    return today - timedelta(days=400), today - timedelta(days=40)


def within(cases: list[Planted], measure: MeasureId) -> list[Planted]:
    first, last = window()
    return [one for one in cases if one.measure == measure and first <= one.day <= last]


def address(measure: MeasureId, **more: str) -> str:
    first, last = window()
    return f"/measures/{measure.value}?first={first}&last={last}" + "".join(f"&{k}={v}" for k, v in more.items())


def listed(browser: Browser, where: str) -> int:
    """How many cases a list has, counted on all its pages."""
    text = unescape(browser.get(where).text)
    said = int(re.search(r"([\d,]+) in all", text).group(1).replace(",", ""))  # type: ignore[union-attr]
    hidden = re.search(r"(\d+) of them belong to protected", text)
    rows = 0
    while True:
        rows += len(re.findall(r'<th scope="row"><a href="/encounters/', text))
        onward = re.search(r'href="([^"]+)" rel="next"', text)
        if onward is None:
            break
        text = unescape(browser.get(onward.group(1)).text)
    assert rows + (int(hidden.group(1)) if hidden else 0) == said
    return said


def test_the_figure_is_the_share_of_an_independent_count(cases: list[Planted], browser_for: BrowserFor) -> None:
    mine = within(cases, MeasureId.READMISSION)
    counted = [one for one in mine if not one.excluded]
    share = sum(one.numerator or 0 for one in counted) / len(counted)

    text = unescape(browser_for("dora").get(address(MeasureId.READMISSION)).text)

    assert f"Unplanned readmission within 30 days: {100 * share:.1f} %" in text
    assert f"{sum(one.numerator or 0 for one in counted):g} of {len(counted)}" in text
    assert "crude, not risk-adjusted" in text and "95 % interval" in text


def test_every_number_of_a_measure_opens_as_many_cases(cases: list[Planted], browser_for: BrowserFor) -> None:
    director = browser_for("dora")

    text = unescape(director.get(address(MeasureId.READMISSION)).text)

    links = dict.fromkeys(re.findall(r'<a href="(/measures/readmission/cases\?[^"]+)">([\d,]+)</a>', text))
    assert len(links) > 30
    for where, number in links:
        assert listed(director, where) == int(number.replace(",", "")), where


def test_reasons_add_up_to_what_is_left_out(cases: list[Planted], browser_for: BrowserFor) -> None:
    mine = within(cases, MeasureId.READMISSION)
    text = unescape(browser_for("dora").get(address(MeasureId.READMISSION)).text)

    part = text[text.index('id="left-out"') :]
    died = re.search(r'The patient died in the hospital\.</th><td class="num"><a href="[^"]+">(\d+)<', part)

    assert died is not None and int(died.group(1)) == sum(1 for one in mine if one.excluded == "died")
    gone = sum(1 for one in mine if one.excluded)
    assert f"Why {gone} of {len(mine)} cases are not counted" in part


@pytest.mark.parametrize(
    ("measure", "reckon"), [(MeasureId.LENGTH_OF_STAY, mean), (MeasureId.ORDER_TO_DEPARTURE, median)]
)
def test_means_and_medians_are_those_of_the_values(
    cases: list[Planted], browser_for: BrowserFor, measure: MeasureId, reckon: Callable[[list[float]], float]
) -> None:
    values = [one.value for one in within(cases, measure) if one.value is not None]
    one = DEFINITIONS[measure]

    text = unescape(browser_for("dora").get(address(measure)).text)

    said = f"{reckon(values):.0f}" if one.unit == "minutes" else f"{reckon(values):.1f}"
    assert f"{one.title}: {said} {one.unit}" in text.replace(",", "")
    bars = [int(number) for number in re.findall(rf"{one.unit}</th><td class=\"num\">(\d+)</td>", text)]
    assert sum(bars) == len(values)


def test_a_list_says_what_its_cases_add_up_to(cases: list[Planted], browser_for: BrowserFor) -> None:
    """A numerator that is no number of cases is found in the list as their sum."""
    director = browser_for("dora")
    mine = within(cases, MeasureId.AVOIDABLE_DAYS)
    lost, nights = sum(one.numerator or 0 for one in mine), sum(one.denominator or 0 for one in mine)

    text = unescape(director.get(address(MeasureId.AVOIDABLE_DAYS)).text)

    where = re.search(rf'Numerator</dt><dd><a href="([^"]+)">{lost:g}</a>', text)
    assert where is not None
    listed_hits = unescape(director.get(where.group(1)).text)
    assert f"numerators together {lost:g}<" in listed_hits
    every = unescape(director.get(where.group(1).replace("among=hits", "among=counted")).text)
    assert f"numerators together {lost:g}, denominators {nights:,.0f}<" in every
    assert "numerators together" not in director.get(f"/measures/readmission/cases?first={window()[0]}").text


def test_a_list_of_cases_names_what_its_column_says(
    world: World, monkeypatch: pytest.MonkeyPatch, browser_for: BrowserFor
) -> None:
    """Everybody in the list is counted; yes and no stand under what is asked."""
    plant(world, monkeypatch)
    director = browser_for("dora")

    assert ">In the numerator<" in director.get(f"/measures/readmission/cases?first={window()[0]}").text
    stays = director.get(f"/measures/los/cases?first={window()[0]}").text
    assert ">Figure<" in stays and ">1 days<" not in stays


def test_chart_table_and_list_of_months_agree(cases: list[Planted], browser_for: BrowserFor) -> None:
    director = browser_for("dora")
    first = (now().date() - timedelta(days=400)).replace(day=1)
    text = unescape(director.get(f"/measures/los?first={first}&last={now().date()}").text)

    part = text[text.index('id="trend"') :].partition("</section>")[0]
    drawn = re.findall(r"<g><title>(\w{3} \d{4}): ([\d.]+), expected", part)
    each = r'<th scope="row"><a href="[^"]+">(\w{3} \d{4})</a>(?:(?!</tr>).)*?<td class="num">([\d.]+) days'
    rows = dict(re.findall(each, part))

    assert len(drawn) >= 12
    for month, value in drawn:
        assert float(value) == pytest.approx(float(rows[month]), abs=0.051)


def test_the_funnel_shows_the_rates_of_the_table_and_names_the_outlier(
    cases: list[Planted], browser_for: BrowserFor
) -> None:
    text = unescape(browser_for("dora").get(address(MeasureId.READMISSION)).text)

    part = text[text.index('id="funnel"') :].partition("</section>")[0]
    table = text[text.index('id="by-unit"') :].partition("</section>")[0]
    points = dict(re.findall(r"<g><title>([\w ]+): ([\d.]+ %) of \d+", part))
    rows = dict(re.findall(r'<th scope="row"><a href="[^"]+">([\w ]+)</a></th><td class="num">([\d.]+ %)', table))

    assert points and all(rows[name] == rate for name, rate in points.items())
    assert "5 South" in part[: part.index("</h2>")]
    assert "Not known" in rows and "Not known" not in points


def test_two_periods_stand_side_by_side(cases: list[Planted], browser_for: BrowserFor) -> None:
    director = browser_for("dora")
    first, last = window()
    half = first + (last - first) / 2
    where = (
        f"/measures/los?first={half + timedelta(days=1)}&last={last}&against=own&other_first={first}&other_last={half}"
    )
    mine = within(cases, MeasureId.LENGTH_OF_STAY)
    late = mean(one.value or 0 for one in mine if one.day > half)
    early = mean(one.value or 0 for one in mine if one.day <= half)

    text = unescape(director.get(where).text)

    part = text[text.index('id="compared"') :].partition("</section>")[0]
    assert f"{round(late, 1):g} days" in part and f"{round(early, 1):g} days" in part
    assert f"{abs(round(late - early, 2)):g} days" in part
    numbers = re.findall(r'<a href="(/measures/los/cases[^"]+)">(\d+)<', part)
    assert all(listed(director, where) == int(number) for where, number in numbers)


def test_a_protected_stay_counts_and_is_said_to_be_hidden(cases: list[Planted], browser_for: BrowserFor) -> None:
    text = unescape(browser_for("dora").get(f"/measures/los/cases?first=2020-01-01&last={now().date()}").text)

    assert "1 of them belong to protected stays" in text
    assert "Case100" not in text


def test_the_last_month_is_provisional(cases: list[Planted], browser_for: BrowserFor) -> None:
    text = unescape(browser_for("dora").get("/measures/readmission").text)

    assert "Provisional: the 30 days of run-out are not over" in text
    assert '<span class="chip amber">provisional</span>' in text


def test_provisional_months_are_hatched_in_the_chart(cases: list[Planted], browser_for: BrowserFor) -> None:
    first = (now().date() - timedelta(days=400)).replace(day=1)
    text = unescape(browser_for("dora").get(f"/measures/readmission?first={first}&last={now().date()}").text)

    part = text[text.index('id="trend"') :].partition("</section>")[0]
    hollow = re.findall(r"<g><title>(\w{3} \d{4}): [\d.]+ %, provisional</title><circle class=\"pt soon\"", part)
    said = re.search(r"provisional, hatched in the chart: ([^<]+)<", part)
    assert hollow and said is not None and set(hollow) <= set(said.group(1).split(", "))
    assert 'fill="url(#ch-trend-h)"' in part and f"{now():%b %Y}" in said.group(1)


def test_hospitals_beside_each_other_open_their_cases(
    world: World, cases: list[Planted], browser_for: BrowserFor
) -> None:
    with begin(everywhere("test")) as work:
        grant_role(work, GrantRole(user_id=world.user["dora"], role=Role.DIRECTOR, facility_id=world.facility["SOUTH"]))
    director = browser_for("dora")

    part = unescape(director.get(address(MeasureId.LENGTH_OF_STAY)).text).partition('id="by-facility"')[2]
    row = re.search(r'href="([^"]+)">North Harbor Hospital</a>.*?href="([^"]+)">(\d+)</a>', part)

    assert row is not None and "facility=NORTH" in row.group(1) and director.get(row.group(1)).status_code == 200
    assert listed(director, row.group(2)) == int(row.group(3)) > 0


def test_few_cases_are_a_table_and_not_a_chart(
    world: World, monkeypatch: pytest.MonkeyPatch, browser_for: BrowserFor
) -> None:
    plant(world, monkeypatch, 8)

    text = unescape(browser_for("dora").get(f"/measures/readmission?first=2020-01-01&last={now().date()}").text)

    assert "the figure says little" in text or "The first day lies after" in text
    assert 'id="funnel"' not in text and "A control chart needs 12 months" in text


def test_the_index_has_every_measure_with_the_figure_of_its_page(cases: list[Planted], browser_for: BrowserFor) -> None:
    director = browser_for("dora")

    text = unescape(director.get("/measures").text)

    assert all(f'href="/measures/{one.value}"' in text for one in MeasureId)
    row = text[text.index('href="/measures/los"') :]
    shown = re.search(r"<b>([\d.]+ days)</b>", row)
    assert shown is not None
    assert f"Average length of stay: {shown.group(1)}" in unescape(director.get("/measures/los").text)


def test_a_page_is_of_one_moment_while_cases_are_made_anew(
    world: World, cases: list[Planted], browser_for: BrowserFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh that ends while the page is asked together changes nothing in it: its numbers belong together."""
    mine = within(cases, MeasureId.READMISSION)
    exclusions = queries.exclusions

    def after_a_refresh(*asked: Any, **more: Any) -> list[tuple[str, str, int]]:
        world.owner.execute("delete from measure_case where measure = 'readmission' and excluded <> ''")
        world.owner.execute("delete from measure_day where measure = 'readmission'")
        return exclusions(*asked, **more)

    monkeypatch.setattr(queries, "exclusions", after_a_refresh)
    shown = browser_for("dora").get(address(MeasureId.READMISSION))

    gone = sum(1 for one in mine if one.excluded)
    assert shown.status_code == 200
    assert f"Why {gone} of {len(mine)} cases are not counted" in unescape(shown.text)


def test_a_measure_stands_in_the_list_with_the_one_that_balances_it(
    cases: list[Planted], browser_for: BrowserFor
) -> None:
    text = unescape(browser_for("dora").get("/measures").text)

    readmitted = re.search(r'href="/measures/readmission".*?<b>([\d.]+ %)</b>', text)
    row = text[text.index('href="/measures/before_noon"') :].partition("</tr>")[0]
    assert readmitted is not None
    assert f"beside: unplanned readmission within 30 days {readmitted.group(1)}<" in row


def test_an_address_that_makes_no_sense_says_so(cases: list[Planted], browser_for: BrowserFor) -> None:
    director = browser_for("dora")

    assert director.get("/measures/nonsense").status_code == 404
    wrong = director.get("/measures/los?first=2026-03-05&last=2026-03-01")
    assert wrong.status_code == 422 and "The first day lies after the last one" in unescape(wrong.text)
    assert 'value="2026-03-05"' in wrong.text and 'value="2026-03-01"' in wrong.text
    assert director.get("/measures/los?first=soon").status_code == 422
    assert browser_for("dana").get("/measures/los").status_code in (403, 404)
