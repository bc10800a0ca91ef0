"""Reports go through a real mail server, after the commit, once for each time they are due, and name no patient."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.accounts.people import switch_user
from app.kernel.refusal import Refused
from app.metrics.reports.commands import end_report
from app.metrics.reports.mailing.commands import SendNow, SetSchedule, schedule_report, send_again, send_now
from app.metrics.reports.mailing.queries import last_times, mails
from app.metrics.reports.mailing.sending import post_due, send_waiting
from app.metrics.reports.queries import shipped_key
from app.metrics.reports.rules import MOST_ATTEMPTS
from app.metrics.reports.terms import Rhythm
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.metrics.study.planted import plant
from tests.support.mailbox import Box, mailbox
from tests.support.reports import reachable, saved
from tests.support.world import World

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 9:00 in Chicago


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    with mailbox(monkeypatch, "reports@north.example") as found:
        yield found


def waiting() -> list[str]:
    """The jobs that commits left behind, the oldest first."""
    with reading(everywhere("test")) as db:
        return db.values(
            "select args->>'delivery_id' from procrastinate_jobs where task_name = 'reports.mail' order by id"
        )


def states(world: World) -> list[tuple[str, str, str]]:
    with reading(everywhere("test")) as db:
        return [(one.name, one.state, one.fault) for one in mails(db, world.facility["NORTH"])]


def weekly(world: World, key: uuid.UUID, at: datetime, *names: str) -> None:
    """From an instant on, every Monday at six."""
    people = [world.user[name] for name in names]
    ask = SetSchedule(rhythm=Rhythm.WEEKLY, on_day=1, at_hour=6, people=people)
    with begin(world.viewer("dora"), at=at) as work:
        schedule_report(work, world.facility["NORTH"], key, ask)


def send(world: World, key: uuid.UUID, *names: str) -> str:
    with begin(world.viewer("dora")) as work:
        send_now(work, world.facility["NORTH"], key, SendNow(people=[world.user[name] for name in names]))
    return waiting()[-1]


def body(mail: Mail) -> str:
    part = mail.get_payload(0) if mail.is_multipart() else mail
    assert isinstance(part, Mail)
    return part.get_payload(decode=True).decode()  # type: ignore[union-attr]


def test_a_report_that_is_due_goes_to_everybody_once(world: World, box: Box) -> None:
    reachable(world, "dora", "lee")
    key = shipped_key(world.facility["NORTH"])
    weekly(world, key, MONDAY - timedelta(days=5), "dora", "lee")
    post_due(MONDAY)
    post_due(MONDAY)
    assert len(waiting()) == 2 and box.mails == [], "nothing leaves before the commit"
    for key_of_mail in waiting() * 2:
        send_waiting(key_of_mail)

    assert sorted(str(mail["To"]) for mail in box.mails) == ["dora@north.example", "lee@north.example"]
    assert {str(mail["Subject"]) for mail in box.mails} == {"Monthly report, North Harbor Hospital, Feb 2026"}
    for mail in box.mails:
        assert f"https://daybook.example/reports/{key}?on=2026-03-02" in body(mail) and not mail.is_multipart()
    assert states(world) == [("Dora Quist", "sent", ""), ("Lee Hartono", "sent", "")]
    post_due(MONDAY + timedelta(days=6))
    assert len(waiting()) == 2, "not again before the next Monday"


def test_a_time_before_the_schedule_is_not_made_up_for_and_a_late_one_is(world: World, box: Box) -> None:
    reachable(world, "dora")
    key = saved(world)
    weekly(world, key, MONDAY, "dora")
    post_due(MONDAY)
    assert waiting() == []
    post_due(MONDAY + timedelta(days=9))
    send_waiting(waiting()[0])
    with reading(everywhere("test")) as db:
        last = last_times(db, world.facility["NORTH"])[key]
    assert last.due_at == MONDAY.replace(day=9, hour=11) and (last.sent, last.failed) == (1, 0)
    assert "?on=2026-03-09" in body(box.mails[0]), "read on the day it was due, however late"


def test_figures_go_with_the_mail_only_where_the_installation_says_so(
    world: World, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = plant(world, monkeypatch)
    reachable(world, "dora")
    monkeypatch.setenv("DAYBOOK_MAIL_FIGURES", "1")
    send_waiting(send(world, saved(world), "dora"))

    mail = box.mails[0]
    assert mail.is_multipart() and mail.get_payload(1).get_filename().endswith(".pdf")  # type: ignore[union-attr]
    paper = PdfReader(BytesIO(mail.get_payload(1).get_payload(decode=True)))  # type: ignore[union-attr, arg-type]
    text = "".join(page.extract_text() for page in paper.pages)
    assert "Average length of stay" in text and len(cases) > 300
    told = f"{text} {body(mail)} {mail.items()} {mail.get_payload(1).items()}"  # type: ignore[union-attr]
    assert "Case1" not in told and "No patient is named" in text


def test_a_refused_address_fails_at_once_and_is_sent_again_by_hand(world: World, box: Box) -> None:
    reachable(world, "dora")
    key = saved(world)
    box.refuses = True
    first = send(world, key, "dora")
    send_waiting(first)
    assert states(world) == [("Dora Quist", "failed", "The mail server refuses this address.")]

    box.refuses = False
    with begin(world.viewer("dora")) as work:
        assert send_again(work, world.facility["NORTH"], uuid.UUID(first)) == key
    send_waiting(waiting()[-1])
    assert [one[1] for one in states(world)] == ["sent", "failed"] and len(box.mails) == 1
    with pytest.raises(Refused, match="was sent"), begin(world.viewer("dora")) as work:
        send_again(work, world.facility["NORTH"], uuid.UUID(waiting()[-1]))


def test_a_server_that_is_away_is_tried_again_and_then_the_mail_fails(
    world: World, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable(world, "dora")
    monkeypatch.setenv("DAYBOOK_SMTP_URL", "smtp://127.0.0.1:9")
    key = send(world, saved(world), "dora")
    world.owner.execute("delete from procrastinate_jobs")  # as a worker takes it
    for attempt in range(1, MOST_ATTEMPTS + 1):
        send_waiting(key)
        said = "waiting" if attempt < MOST_ATTEMPTS else "failed"
        assert states(world) == [("Dora Quist", said, "The mail server cannot be reached.")]
    with reading(everywhere("test")) as db:
        later = db.value("select scheduled_at from procrastinate_jobs where task_name = 'reports.mail'")
    assert later > now() + timedelta(minutes=1), "the queue holds the next attempt"


def test_who_lost_the_right_or_an_ended_report_gets_no_mail(world: World, box: Box) -> None:
    reachable(world, "dora", "lee")
    key, other = saved(world), saved(world, "Another")
    to_lee, to_dora = send(world, key, "lee"), send(world, other, "dora")
    with begin(everywhere("test")) as work:
        switch_user(work, world.user["lee"], active=False)
    with begin(world.viewer("dora")) as work:
        end_report(work, world.facility["NORTH"], other)
    send_waiting(to_lee)
    send_waiting(to_dora)

    assert box.mails == []
    assert {(name, state) for name, state, _ in states(world)} == {("Lee Hartono", "failed"), ("Dora Quist", "failed")}
    assert any("may not see the measures" in fault for *_, fault in states(world))
    assert any("ended before" in fault for *_, fault in states(world))


def test_without_a_mail_server_the_failure_is_said(world: World) -> None:
    reachable(world, "dora")
    send_waiting(send(world, saved(world), "dora"))
    assert states(world) == [("Dora Quist", "failed", "No mail server is set.")]


def test_an_ended_report_is_not_sent_by_its_schedule(world: World, box: Box) -> None:
    reachable(world, "dora")
    key = saved(world)
    weekly(world, key, MONDAY - timedelta(days=5), "dora")
    with begin(world.viewer("dora")) as work:
        end_report(work, world.facility["NORTH"], key)
    post_due(MONDAY)
    assert waiting() == []
