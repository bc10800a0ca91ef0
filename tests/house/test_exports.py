"""Every way out of the house is known, leaves a trail, says who took it, and has a name that is no path.

A handler that sends a file names it in Content-Disposition; this table names the route of each, so that a new one
cannot be forgotten. Further tables name what leaves otherwise: pages on paper, mail, data that the command line gives.
"""

import csv
import io
import re
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from litestar import Litestar
from pypdf import PdfReader

from app.census.exports import AskExport, Export, Form, export
from app.cli.data import export_command
from app.clocks.commands import refresh
from app.clocks.upkeep.exporting import AskObligations, export_obligations
from app.discharge.booking.asks import Buy
from app.discharge.booking.purchases import buy
from app.ledger.exporting import AskLedger, export_ledger
from app.metrics.reports.mailing.commands import SendNow, send_now
from app.metrics.reports.mailing.sending import send_waiting
from app.platform.work import begin, everywhere, reading
from app.web.paper.csv_files import FORMULA_STARTS
from app.worklists.out.command import AskList, export_list
from tests.accounts.disclosures.support import TODAY, patient_of, standing
from tests.support.client import Browser
from tests.support.mailbox import mailbox
from tests.support.reports import reachable, saved
from tests.support.stays import add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
APP = Path(__file__).parents[2] / "app"
# Modules that send files, with the test that looks at what each sends where the walk below does not.
SENDING = {
    "accounts/audit/out_pages.py": "",
    "accounts/disclosures/paper.py": "",
    "avoidable_days/reports/pages.py": "",
    "discharge/booking/stay/ledger_pages.py": "",
    "discharge/scorecards/pages.py": "",
    "metrics/reports/files/pages.py": "",
    "worklists/out/pages.py": "",
    "discharge/choice/paper/pages.py": "tests/discharge/choice",
    "discharge/departure/papers/pages.py": "tests/discharge/departure",
    "discharge/referrals/portal/pages.py": "tests/discharge/referrals",
    "discharge/referrals/stay/pages.py": "tests/discharge/referrals",
    "interop/payer_files/pages/outbox.py": "tests/interop",
    "notices/forms/pages.py": "tests/notices",
    "notices/paper_pages.py": "tests/notices",
    "payers/denials/paper/pages.py": "tests/payers/denials",
    "reviews/writing/signed_pages.py": "tests/reviews",
}
# A blank form of an agency holds no patient and is the same for everybody.
WITHOUT_TRAIL = {"notices/forms/pages.py"}
NO_PATIENT = {
    "/vendors/scorecards.csv", "/avoidable-days/figures.csv", "/avoidable-days/figures.xlsx",
    "/measures/readmission/figures.csv", "/measures/readmission/figures.xlsx",
}  # fmt: skip
WAYS_OUT = [
    ("lee", "/worklists/inpatient/out/csv"),
    ("lee", "/worklists/inpatient/out/xlsx"),
    ("lee", "/worklists/inpatient/out/pdf"),
    ("lee", "/purchased-services.csv"),
    ("lee", "/vendors/scorecards.csv"),
    ("lee", "/avoidable-days/figures.csv"),
    ("lee", "/avoidable-days/figures.xlsx"),
    ("dora", "/measures/readmission/figures.csv"),
    ("dora", "/measures/readmission/figures.xlsx"),
    ("priya", "/audit/patients/{patient}/out/csv"),
    ("priya", "/audit/patients/{patient}/out/pdf"),
    ("priya", "/disclosures/patients/{patient}/paper"),
]
PRINTS = [
    ("lee", "/worklists/inpatient/prints", "/worklists/inpatient"),
    ("priya", "/audit/patients/{patient}/prints?days=30", "/audit/patients/{patient}"),
    ("priya", "/audit/people/{user}/prints?days=30", "/audit/people/{user}"),
]
"""Who prints, where the browser says so, and the page itself: lists and trails hold many patients."""
GIVEN: dict[str, Callable[[], bytes]] = {
    "census": lambda: export(AskExport(Export.CENSUS, "NORTH", Form.CSV)),
    "encounters": lambda: export(AskExport(Export.ENCOUNTERS, "NORTH", Form.CSV)),
    "worklist": lambda: export_list(AskList("inpatient", "NORTH", Form.CSV)),
    "obligations": lambda: export_obligations(AskObligations("NORTH", Form.CSV)),
    "ledger": lambda: export_ledger(AskLedger("NORTH", Form.CSV)),
}
"""What each command of `daybook export` gives out."""
# Modules that hand mail over, with the tests that read it in a mailbox.
MAILING = {
    "discharge/referrals/mail/sending.py": "tests/discharge/referrals",
    "metrics/reports/mailing/sending.py": "tests/metrics/reports",
}
NAMES = {"lee": "Lee Hartono", "dora": "Dora Quist", "priya": "Priya Nair"}


def sending() -> set[str]:
    return {str(path.relative_to(APP)) for path in APP.rglob("*.py") if '"Content-Disposition"' in path.read_text()}


def test_every_module_that_sends_a_file_is_known() -> None:
    assert sending() == set(SENDING), "name the module here, and its way out in WAYS_OUT or the tests that walk it"


def test_every_module_that_sends_a_file_leaves_a_trail() -> None:
    """By `show(…)`, `disclose(…)` or `note(…)` with a kind of its own, or by an event of the file."""
    recording = re.compile(r"\b(show|note|disclose|taken_out|_record|work\.record)\(")
    silent = {name for name in SENDING if not recording.search((APP / name).read_text())}

    assert silent == WITHOUT_TRAIL


def test_tests_named_for_the_others_exist() -> None:
    root = APP.parent

    assert all((root / where).exists() for where in (*SENDING.values(), *MAILING.values()) if where)


def trails(world: World) -> tuple[int, int]:
    found = world.owner.execute(
        "select (select count(*) from audit_event), (select count(*) from phi_access where kind in ('export', 'print'))"
    ).fetchone()
    assert found is not None
    return found[0], found[1]


def text_of(body: bytes, path: str) -> str:
    if body[:4] == b"%PDF":
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).split())
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            return " ".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    return body.decode()


@pytest.mark.parametrize(("who", "address"), WAYS_OUT)
def test_file_leaves_a_trail_and_says_who_took_it_when(
    browser_for: BrowserFor, world: World, who: str, address: str
) -> None:
    stay = add_stay(world)
    patient, _number = patient_of(stay)
    standing(stay)
    bought(stay)
    browser, path = browser_for(who), address.format(patient=patient)
    if who == "priya":
        browser.get(f"/encounters/{stay}")
    before = trails(world)

    answer = browser.post(path, {"request": ""}) if path.endswith("/paper") else browser.get(path)

    assert answer.status_code == 200, answer.text[:300]
    events, accesses = trails(world)
    assert events > before[0], "no event tells of it"
    if path not in NO_PATIENT:
        assert accesses > before[1], "nobody can tell whose information left"
        last = world.owner.execute("select actor, kind, patients, address from phi_access order by id desc").fetchone()
        assert last is not None and last[:2] == (who, "export") and patient in last[2] and last[3]
    said = answer.headers["content-disposition"]
    assert re.fullmatch(r'(attachment|inline); filename="[A-Za-z0-9][A-Za-z0-9._-]*"', said), said
    assert ".." not in said and answer.headers["cache-control"] == "no-store"
    text = text_of(answer.content, path)
    if path != "/vendors/scorecards.csv":  # no vendor was asked, so there is no line to bear the mark
        assert NAMES[who] in text and re.search(r"20\d\d", text)


def bought(stay: uuid.UUID) -> None:
    """A purchase whose texts would be formulas."""
    with begin(everywhere("test")) as work:
        price = {"units": 1, "price": "12.50", "approved_by": "=1+1", "reason": "@SUM(1)", "what": "＝cmd"}
        buy(work, stay, Buy.model_validate({"kind": "other", "bought_on": str(TODAY), **price}))


def test_purchases_are_no_formulas(browser_for: BrowserFor, world: World) -> None:
    bought(add_stay(world))

    _head, line = csv.reader(io.StringIO(browser_for("lee").get("/purchased-services.csv").text, newline=""))

    assert {"'=1+1", "'@SUM(1)", "'＝cmd"} <= set(line)
    assert not any(cell[:1] in FORMULA_STARTS for cell in line)


def test_purchase_and_scorecard_files_carry_the_mark_in_their_head(browser_for: BrowserFor, world: World) -> None:
    for path in ("/purchased-services.csv", "/vendors/scorecards.csv"):
        head = browser_for("lee").get(path).text.splitlines()[0]

        assert head.endswith('"exported_by","exported_at","known_at"'), path


def test_taken_out_without_a_session_leaves_nothing(browser_for: BrowserFor, world: World) -> None:
    before = trails(world)
    nobody = browser_for("")

    for _who, address in WAYS_OUT:
        if "{" not in address:
            assert nobody.get(address).status_code in (302, 303, 401), address
    assert trails(world) == before


def test_every_page_whose_print_is_told_is_known(app: Litestar) -> None:
    found = {route.path for route in app.routes if route.path.endswith("/prints")}

    said = {re.sub(r"\{[^}]*\}", "{}", path) for path in found}
    known = {re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0]) for _who, path, _page in PRINTS}
    assert said == {path.replace("/inpatient/", "/{}/") for path in known}


@pytest.mark.parametrize(("who", "address", "page"), PRINTS)
def test_print_leaves_a_trail_and_the_sheet_says_who_printed_it(
    browser_for: BrowserFor, world: World, who: str, address: str, page: str
) -> None:
    stay = add_stay(world)
    patient, _number = patient_of(stay)
    browser_for("dana").get(f"/encounters/{stay}")
    fill = {"patient": str(patient), "user": str(world.user["dana"])}
    browser = browser_for(who)
    shown = browser.get(page.format(**fill)).text
    before = trails(world)

    answer = browser.post(address.format(**fill))

    assert answer.status_code == 204, answer.text[:300]
    events, accesses = trails(world)
    assert events > before[0] and accesses > before[1]
    last = world.owner.execute("select actor, kind, patients, address from phi_access order by id desc").fetchone()
    assert last is not None and last[:2] == (who, "print") and patient in last[2] and last[3]
    assert f"Printed by {NAMES[who]}" in shown


def test_every_command_that_gives_data_out_is_known() -> None:
    assert set(export_command.commands) == set(GIVEN)


@pytest.mark.parametrize("what", GIVEN)
def test_data_of_the_command_line_leaves_a_trail_before_it_is_given(world: World, what: str) -> None:
    stay = add_stay(world)
    patient, _number = patient_of(stay)
    with begin(everywhere("test")) as work:
        refresh(work, [stay])

    data = GIVEN[what]()

    assert len(data.splitlines()) > 1, "nothing was given out, so that nothing is shown"
    last = world.owner.execute(
        "select actor, kind, patients, route, facilities from phi_access order by id desc"
    ).fetchone()
    assert last is not None and last[:2] == ("export", "export") and patient in last[2]
    assert last[3] == f"export {what}" and last[4] == [world.facility["NORTH"]]


def test_every_module_that_hands_mail_over_is_known_and_leaves_a_trail() -> None:
    calls = {
        str(path.relative_to(APP)) for path in APP.rglob("*.py") if re.search(r"(?<!def )\bhand_in\(", path.read_text())
    }

    assert calls == set(MAILING)


def test_report_by_mail_leaves_a_trail_and_its_figures_say_who_sent_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBOOK_MAIL_FIGURES", "1")
    reachable(world, "dora")
    add_stay(world)
    report, place = saved(world), world.facility["NORTH"]
    before = trails(world)[0]
    with mailbox(monkeypatch, "reports@north.example") as box:
        with begin(world.viewer("dora")) as work:
            send_now(work, place, report, SendNow(people=[world.user["dora"]]))
        with reading(everywhere("test")) as view:
            send_waiting(str(view.value("select delivery_id from report_delivery where ended_at is null")))

    attached = box.mails[0].get_payload(1)
    text = text_of(attached.get_payload(decode=True), "")  # type: ignore[union-attr, arg-type]
    assert "by its schedule" in text and re.search(r"20\d\d", text) and "No patient is named" in text
    told = world.owner.execute(
        "select facts ->> 'state' from audit_event where name = 'measure_report.mailed' order by id"
    ).fetchall()
    assert [state for (state,) in told] and trails(world)[0] > before
    assert told[-1] != told[0], "that it was asked for and that it was handed over are two lines"
