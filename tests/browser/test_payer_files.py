"""A request leaves as a file, its answer comes as one: the nurse sees it live, what does not fit waits for the lead."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.interop.payer_files.sending import write_file
from app.interop.payer_files.settings import SetExchange, set_exchange
from app.interop.payer_files.taking import read_file, settle_item, take_from_folders
from app.interop.x12.reading import understand
from app.payers.authorizations.commands import request_authorization
from app.payers.authorizations.forms import AskPayer
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists.assignment.commands import take
from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, stay_of
from tests.browser.test_paper import on_paper
from tests.browser.waiting import listening, sideways
from tests.support.part2 import protect
from tests.support.x12 import answer, envelope

PLAN = "BAYSHORE ADVANTAGE"
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer=PLAN, ago=timedelta(days=1))


def _ready(site: Site, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A stay with a request to a payer whose exchange is set."""
    monkeypatch.setenv("DAYBOOK_PAYER_FILES", str(folder))
    Ward().admit(ROSA)
    with begin(everywhere("test")) as work:
        payer, facility = work.one(
            lambda *row: row, "select coalesce(nullif(payer_code, ''), payer_name), facility_id from coverage"
        )
        set_exchange(work, facility, SetExchange(
            payer_code=payer, outbox="out", inbox="in", payer_name=PLAN, payer_number="00999",
            trace_origin="9HOSP99999", requester_name="NORTH HARBOR HOSPITAL", requester_npi="1234567893",
            sender="HOSP99999", receiver="PAYER009",
        ))  # fmt: skip
        work.write("coverage", "update coverage set member_number = 'MEM000111'")
    first = (now() - timedelta(days=1)).date()
    with begin(site.world.viewer("uma").acting(Permission.AUTHORIZATION_WRITE)) as work:
        request_authorization(work, stay_of("V1"), AskPayer(first_day=first, last_day=first + timedelta(days=2)))


def _answer(folder: Path, name: str, *event: str, trace: str) -> None:
    """The payer puts a file into the inbox, and the duties and jobs of the program do their work."""
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(envelope(answer(*event, trace=trace), interchange=len(name)))
    os.utime(path, (time.time() - 60,) * 2)
    take_from_folders()
    with reading(everywhere("test")) as view:
        waiting = view.values(
            "select id from payer_file_in i where not exists (select from payer_file_item p where p.file_id = i.id)"
        )
    for file in waiting:
        for key in read_file(str(file)):
            settle_item(str(key))


def test_a_request_is_sent_and_answered_by_files(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    _ready(site, monkeypatch, tmp_path)
    page = site.open("uma", f"/encounters/{stay_of('V1')}/payer")
    page.get_by_role("link", name="Send as a file").click()
    expect(page.get_by_text("3 days", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Send to the payer").click()
    expect(page.get_by_text("The file was made.")).to_be_visible()
    with reading(everywhere("test")) as view:
        write_file(str(view.value("select id from payer_file_out")))
    (sent,) = (tmp_path / "out").iterdir()
    said = understand(sent.read_bytes()).messages[0].said
    assert said is not None and said.request.days is not None

    page.get_by_role("link", name="Payer tab of the stay").click()
    expect(page.locator("#stay-payer")).to_contain_text("put into the folder")
    listening(page)
    days = said.request.days
    until = days.first + timedelta(days=2)
    _answer(tmp_path, "a.x12", "HCR*A6*AU77", f"DTP*AAH*RD8*{days.first:%Y%m%d}-{until:%Y%m%d}", "HSD*DY*2",
            trace=said.request.event_trace)  # fmt: skip
    expect(page.locator("#stay-banner")).to_contain_text("Authorized through")
    page.reload()
    expect(page.locator("#stay-payer")).to_contain_text("partially approved")
    expect(page.locator("#stay-payer")).to_contain_text("answered")


def test_what_matches_nothing_is_assigned_by_the_lead(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    _ready(site, monkeypatch, tmp_path)
    _answer(tmp_path, "b.x12", "HCR*A1*AU77", trace="NOT-OURS")
    page = site.open("lee", "/payer-files")
    page.get_by_role("link", name="File", exact=True).click()
    expect(page.get_by_text("It repeats no request that was recorded here.")).to_be_visible()
    expect(page.get_by_label("Authorization", exact=True)).to_contain_text("ALDER, ROSA")
    page.get_by_role("button", name="Record the decision there").click()
    expect(page.get_by_text("The decision was recorded.")).to_be_visible()
    expect(page.get_by_text("Assigned by hand.")).to_be_visible()
    page.goto(page.url.split("/payer-files")[0] + "/payer-files")
    expect(page.get_by_text("Nothing to look at")).to_be_visible()


def test_the_pages_fit_a_phone(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    _ready(site, monkeypatch, tmp_path)
    _answer(tmp_path, "c.x12", "HCR*A1*AU77", trace="NOT-OURS")
    page = site.open("lee", "/payer-files", PHONE)
    assert sideways(page) <= 0
    page.get_by_role("link", name="File", exact=True).click()
    assert sideways(page) <= 0


def test_what_lacks_a_consent_is_said_once_and_prints_no_empty_card(
    site: Site, violations: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _ready(site, monkeypatch, tmp_path)
    with begin(site.world.viewer("uma")) as work:
        take(work, stay_of("V1"))  # a stay stays open for its owner
    protect(stay_of("V1"))
    with reading(everywhere("test")) as view:
        key = view.value("select id from payer_authorization")

    page = site.open("uma", f"/payer-files/send?authorization={key}", PHONE)

    expect(page.locator(".note.amber")).to_contain_text("This cannot be sent now. This stay holds records of addiction")
    expect(page.get_by_role("button", name="Send to the payer")).to_have_count(0)
    assert violations(page) == [] and not sideways(page)
    assert on_paper(page) == []
