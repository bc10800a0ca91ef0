"""Mail to vendors goes through a real mail server, after the commit, at most once, and tells nothing of a patient."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.discharge.referrals import commands
from app.discharge.referrals.asks import Why
from app.discharge.referrals.mail.office import Letter, NotSent, Office, hand_in, written
from app.discharge.referrals.mail.sending import last_mails, post_again, send_waiting
from app.discharge.referrals.portal.reached import Door, reached
from app.discharge.referrals.terms import MailKind
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import everywhere, reading
from app.settings import Settings
from tests.discharge.referrals.support import recorded, refer, someone, vendors
from tests.support.mailbox import Box, mailbox
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    with mailbox(monkeypatch, "referrals@north.example") as found:
        yield found


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world, StaySpec(family="Quillfeather", given="Merle"))


def waiting() -> list[str]:
    """The jobs that the commit left behind."""
    with reading(everywhere("test")) as db:
        return db.values(
            "select args->>'mail_id' from procrastinate_jobs where task_name = 'referrals.mail' order by id"
        )


def state(referral: uuid.UUID) -> tuple[str, str]:
    with reading(everywhere("test")) as db:
        found = last_mails(db, [referral])[referral]
    return found.state, found.fault


def test_each_vendor_has_a_mail_of_its_own_that_names_no_patient(world: World, stay: uuid.UUID, box: Box):
    made = refer(world, stay, vendors(world, 3), at=now(), message="Quillfeather needs a bed")
    assert made.mailed == 3 and not made.keys and box.mails == [], "nothing leaves before the commit"

    for mail in waiting():
        send_waiting(mail)

    assert sorted(mail["To"] for mail in box.mails) == [
        "alder@vendor.example", "birch@vendor.example", "cedar@vendor.example"]  # fmt: skip
    assert len({mail["Message-ID"] for mail in box.mails}) == 3
    links = set()
    for mail in box.mails:
        text = mail.get_payload(decode=True).decode()
        assert "A hospital has a referral for you." in text and "Please answer by" in text
        for word in ("Quillfeather", "Merle", "needs a bed", "North Harbor", "nursing"):
            assert word not in mail.as_string()
        links.update(re.findall(r"https://daybook\.example/referral/([\w-]{43})\r?\n", text))
    assert len(links) == 3
    with reading(everywhere("test")) as db:
        assert {reached(db, key).vendor for key in links} == {"Alder House", "Birch Court", "Cedar Lodge"}
        assert {reached(db, key).door(now()) for key in links} == {Door.OPEN}


def test_a_job_that_runs_twice_sends_once(world: World, stay: uuid.UUID, box: Box):
    made = refer(world, stay, vendors(world, 1), at=now())
    for _ in range(3):
        send_waiting(waiting()[0])

    assert len(box.mails) == 1 and state(made.sent[0].referral_id) == ("sent", "")
    assert [fact["state"] for fact in recorded("referral_mail.moved")] == ["waiting", "sending", "sent"]


def test_a_refused_address_is_said_and_tried_again_by_hand(world: World, stay: uuid.UUID, box: Box):
    one = refer(world, stay, vendors(world, 1), at=now()).sent[0].referral_id
    box.refuses = True
    send_waiting(waiting()[0])
    assert state(one) == ("failed", "The mail server refuses this address.")
    assert recorded("referral_mail.moved")[-1]["state"] == "failed"

    box.refuses = False
    with someone(world, now()) as work:
        post_again(work, one)
    send_waiting(waiting()[1])
    assert state(one) == ("sent", "") and len(box.mails) == 1


def test_a_server_that_is_away_fails_the_mail_and_not_the_referral(
    world: World, stay: uuid.UUID, box: Box, monkeypatch: pytest.MonkeyPatch
):
    one = refer(world, stay, vendors(world, 1), at=now()).sent[0].referral_id
    monkeypatch.setenv("DAYBOOK_SMTP_URL", "smtp://127.0.0.1:9")
    send_waiting(waiting()[0])
    assert state(one) == ("failed", "The mail server cannot be reached.")


def test_a_referral_that_was_cancelled_before_the_job_ran_is_not_mailed(world: World, stay: uuid.UUID, box: Box):
    one = refer(world, stay, vendors(world, 1), at=now() - timedelta(minutes=5)).sent[0].referral_id
    with someone(world, now()) as work:
        commands.cancel(work, one, Why(reason="not wanted"))
    send_waiting(waiting()[0])
    assert box.mails == [] and state(one)[0] == "failed"
    with pytest.raises(Refused, match="closed or answered"), someone(world, now()) as work:
        post_again(work, one)


def test_without_a_server_or_an_address_links_are_handed_out(world: World, stay: uuid.UUID, box: Box):
    made = refer(world, stay, vendors(world, 1, mail=False), at=now())
    assert made.mailed == 0 and len(made.keys) == 1 and waiting() == []


def test_a_server_elsewhere_without_encryption_gets_nothing(box: Box, monkeypatch: pytest.MonkeyPatch):
    port = Settings.from_environment().smtp_url.rsplit(":", 1)[1]
    monkeypatch.setattr("app.discharge.referrals.mail.office.HERE", frozenset())
    by = Office(f"smtp://127.0.0.1:{port}", "a@b.example", "https://daybook.example")
    letter = Letter(MailKind.REMINDER, "c@d.example", "https://daybook.example/referral/x", "noon", "Friday", "1", NOW)
    with pytest.raises(NotSent, match="no encryption"):
        hand_in(written(letter, by), by)
    assert box.mails == []


def test_an_address_that_breaks_the_head_of_a_mail_is_refused():
    by = Office("smtp://127.0.0.1", "a@b.example", "https://daybook.example")
    letter = Letter(MailKind.INVITATION, "c@d.example\nBcc: e@f.example", "x", "noon", "Friday", "1", NOW)
    with pytest.raises(NotSent, match="no mail address"):
        written(letter, by)


@pytest.mark.parametrize("name", ["DAYBOOK_SMTP_URL", "DAYBOOK_PUBLIC_URL"])
def test_an_address_of_a_server_that_cannot_be_one_is_named(name: str):
    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: "mail.example"})
