"""The figures of a long-term hospital: who counts in them, and that each has its stays behind it."""

import re
import uuid
from collections.abc import Callable

import pytest

from app.census.drg.commands import TakeFile, import_file
from app.ltac.days.commands import record_entry
from app.ltac.days.forms import EvidenceForm
from app.ltac.days.rules.averages import Inclusion, average
from app.ltac.house import showing
from app.ltac.house.figures import Figure, House, house, named
from app.ltac.house.setting import first_month, set_first_month
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.regulations.drg import fiscal_year
from tests.ltac.days.support import discharged, long_stay
from tests.ltac.screening.support import CODE
from tests.support.client import Browser
from tests.support.long_term import make_kind
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
HEAD = "fiscal_year,ms_ltc_drg,relative_weight,gmlos"


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def seen(world: World) -> House:
    with reading(everywhere("test"), at=NOW) as db:
        return house(db, world.facility[CODE])


@pytest.fixture
def stays(world: World) -> dict[str, uuid.UUID]:
    """Home after 30 days, to acute after 10, a plan's patient, somebody present."""
    years = {2026, fiscal_year(now().date())}
    lines = "\n".join([HEAD, *(f"{year},189,0.9,24.0" for year in sorted(years))])
    import_file(TakeFile("ltc.csv", lines.encode()))
    made = {
        "home": long_stay(world, "2026-01-10 10:00", room="1"),
        "acute": long_stay(world, "2026-02-01 10:00", room="2"),
        "plan": long_stay(world, "2026-01-20 10:00", room="3", payer="SUN MEDICARE ADVANTAGE"),
        "here": long_stay(world, "2026-02-20 10:00", room="4"),
    }
    discharged(made["home"], "2026-02-09 12:00", "01")
    discharged(made["acute"], "2026-02-11 12:00", "02")
    discharged(made["plan"], "2026-02-20 12:00", "03")
    return made


def test_the_average_counts_medicare_discharges_of_the_period(world: World, stays: dict[str, uuid.UUID]):
    found = seen(world)
    made = average(found.leavers, found.this)
    assert (made.days, made.discharges) == (40, 2)
    assert made.left_out == {Inclusion.NO_ADVANTAGE: 1}
    assert [one.key for one in found.present] == [str(stays["here"])]


@pytest.mark.parametrize("figure", list(Figure))
def test_the_stays_behind_a_figure_are_as_many_as_it_counts(world: World, stays: dict[str, uuid.UUID], figure: Figure):
    found = seen(world)
    with reading(everywhere("test"), at=NOW) as db:
        names = named(db, [one.id for one in found.stays])
    rows, hidden = showing.stay_rows(found, (figure, found.this, ()), names)
    counted = sum(row["counts"] == "counts" for row in rows)
    if figure is Figure.AVERAGE:
        assert counted == average(found.leavers, found.this).discharges
    elif figure is not Figure.PAYMENT:
        share = showing.share_of(figure, found.left_in(found.this), found.today)
        assert (counted, len(rows) + hidden) == (share.hits, share.of + share.unknown) or figure is Figure.READMITTED
        assert counted == share.hits


def test_a_discharge_on_the_first_day_past_the_threshold_is_shown_with_its_readiness(
    world: World, stays: dict[str, uuid.UUID]
):
    stay = long_stay(world, "2026-01-10 10:00", room="5")
    with begin(everywhere("test"), at=NOW) as work:
        proof = EvidenceForm(preceded="yes", intensive_days=4, excluded="no", source="ICU summary")
        record_entry(work, stay, proof)
    discharged(stay, "2026-01-31 12:00", "01")
    found = seen(world)
    with reading(everywhere("test"), at=NOW) as db:
        names = named(db, [stay])

    shown, to_a_stranger = showing.around(found, names), showing.around(found, {})

    assert (shown["observed"], shown["total"], shown["expected"]) == (1, 1, None)
    assert [(row["day"], row["readiness"]) for row in shown["stays"]] == [("0", "readiness was not recorded")]
    assert (to_a_stranger["stays"], to_a_stranger["hidden"]) == ([], 1)
    assert showing.share_of(Figure.SHORT, found.left_in(found.this), found.today).percent == 0


def test_the_month_of_the_year_is_set_and_its_history_kept(world: World, stays: dict[str, uuid.UUID]):
    assert seen(world).month_set is False
    for month in (10, 7):
        with begin(everywhere("test")) as work:
            set_first_month(work, world.facility[CODE], month)
    with reading(everywhere("test")) as db:
        assert first_month(db, world.facility[CODE]) == 7
        assert db.value("select count(*) from cost_report_year") == 2


def test_the_page_shows_figures_definitions_and_readiness_beside_each_pending_discharge(
    browser_for: BrowserFor, stays: dict[str, uuid.UUID]
):
    lena = browser_for("lena")
    text = words(lena.get("/ltac").text)
    for said in ("Average stay, projected", "Discharge payment percentage", "42 CFR 412.522(d)", "Clinical readiness"):
        assert said in text
    assert "Days around the threshold" not in text
    assert lena.get("/ltac/threshold-days").status_code == 403
    for path in ("/ltac/stays?figure=average", "/ltac/stays?figure=payment&part=last", "/ltac/card",
                 "/ltac?off=no_advantage"):  # fmt: skip
        assert lena.get(path).status_code == 200
    assert lena.get("/ltac/stays?figure=none").status_code == 404


def test_compliance_reads_method_and_limits_and_sets_the_month(browser_for: BrowserFor, world: World):
    make_kind(world, "ltch")
    dora = browser_for("dora")
    text = words(dora.get("/ltac/threshold-days").text)
    assert "Method, and what it cannot say" in text and "no comparison" in text
    assert dora.post("/ltac/cost-report-year", {"month": "13"}).status_code == 422
    assert dora.post("/ltac/cost-report-year", {"month": "10"}).headers["location"] == "/ltac"
    assert "from October" in words(dora.get("/ltac").text)


def test_another_kind_of_hospital_gets_a_sentence(browser_for: BrowserFor):
    assert "Not a long-term care hospital" in browser_for("dana").get("/ltac").text
