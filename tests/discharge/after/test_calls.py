"""Calls after discharge on a real database: what the clocks make of them, drafts, corrections, issues."""

import uuid
from datetime import timedelta

import pytest

from app.discharge.after import queries
from app.discharge.after.calls.commands import WriteCall, amend_call, drop_draft, keep_draft, record_call, strike_call
from app.discharge.after.calls.issues import MoveIssue, OpenIssue, move_issue, write_issue
from app.discharge.after.terms import CallOutcome, IssueAction, IssueState, Urgency
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from tests.discharge.after.support import called, caller, left, owed, problem, went_home
from tests.support.stays import add_stay
from tests.support.world import NOW, World


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return went_home(world)


def issues(stay: uuid.UUID) -> list[queries.Issue]:
    with reading(everywhere("test")) as db:
        return queries.issues_of(db, [stay])


def test_one_call_that_nobody_answers_leaves_the_first_call_open_and_arranges_the_next(world: World, stay: uuid.UUID):
    assert owed(stay, "TC-CALL").closed_at is None

    made = called(world, stay, "no_answer")

    assert owed(stay, "TC-CALL").closed_at is None
    assert made.next_at == owed(stay, "TC-AGAIN").due_at and made.next_at > NOW
    called(world, stay, "patient", at=NOW + timedelta(hours=20))
    assert owed(stay, "TC-CALL").closed_at == NOW + timedelta(hours=20) == owed(stay, "TC-AGAIN").closed_at


def test_two_attempts_in_time_close_the_call_and_the_contact_of_transitional_care(world: World, stay: uuid.UUID):
    called(world, stay, "no_answer")
    called(world, stay, "message", at=NOW + timedelta(hours=3))

    assert owed(stay, "TC-CALL").closed_at == owed(stay, "TCM-2BD").closed_at == NOW + timedelta(hours=3)


def test_after_three_attempts_a_letter_is_owed_until_it_is_sent(world: World, stay: uuid.UUID):
    for days in range(3):
        made = called(world, stay, "no_answer", at=NOW + timedelta(days=days))

    assert "letter" in made.next_why and owed(stay, "TC-AGAIN").closed_at is None
    called(world, stay, "letter", at=NOW + timedelta(days=2, hours=1))
    assert owed(stay, "TC-AGAIN").closed_at == NOW + timedelta(days=2, hours=1)


def test_a_problem_opens_an_issue_with_its_clock_until_it_is_closed(world: World, stay: uuid.UUID):
    made = called(world, stay, "patient", problem("have_medicines", "the pharmacy has none"), problem("danger"),
                  owner="Sol")  # fmt: skip
    first, second = sorted(issues(stay), key=lambda one: one.urgency)

    assert (first.urgency, second.what) == (Urgency.DANGER, "Does not have all medicines: the pharmacy has none")
    assert second.owner == "Sol" and first.due_at < second.due_at and made.next_at is not None
    with begin(caller(world), at=NOW + timedelta(hours=1)) as work:
        move_issue(work, first.issue_id, MoveIssue(action=IssueAction.CLOSE, note="seen in the clinic"))
    assert owed(stay, "TC-ISSUE", str(first.issue_id)).closed_at == NOW + timedelta(hours=1)
    assert owed(stay, "TC-ISSUE", str(second.issue_id)).closed_at is None


def test_a_call_that_is_struck_out_counts_for_nothing_and_takes_its_open_issues_along(world: World, stay: uuid.UUID):
    made = called(world, stay, "patient", problem("appointment"))
    with begin(caller(world), at=NOW + timedelta(minutes=5)) as work:
        strike_call(work, made.call_id, "wrong patient")

    assert owed(stay, "TC-CALL").closed_at is None
    assert [one.state for one in issues(stay)] == [IssueState.STRUCK_OUT]
    with begin(caller(world), at=NOW + timedelta(minutes=6)) as work, pytest.raises(Refused):
        strike_call(work, made.call_id, "again")


def test_a_correction_keeps_the_earlier_version_and_opens_only_what_is_new(world: World, stay: uuid.UUID):
    made = called(world, stay, "patient", problem("appointment"))
    with begin(caller(world), at=NOW + timedelta(minutes=5)) as work:
        ask = WriteCall(outcome=CallOutcome.CAREGIVER, spoke_with="a daughter", because="it was the daughter")
        amend_call(work, made.call_id, ask, [problem("appointment"), problem("services")])

    with reading(everywhere("test")) as db:
        versions = queries.versions_of(db, stay)
    assert [one.outcome for one in versions] == [CallOutcome.PATIENT, CallOutcome.CAREGIVER]
    assert versions[0].ended_at is not None and versions[1].at == NOW
    assert len(issues(stay)) == 2
    with begin(caller(world), at=NOW + timedelta(minutes=9)) as work, pytest.raises(Refused, match="Write why"):
        amend_call(work, made.call_id, WriteCall(outcome=CallOutcome.PATIENT))


def test_a_draft_counts_for_nothing_and_becomes_the_call(world: World, stay: uuid.UUID):
    with begin(caller(world), at=NOW) as work:
        draft = keep_draft(work, stay, WriteCall(note="engaged"))
        keep_draft(work, stay, WriteCall(note="engaged, again in an hour"))
    assert owed(stay, "TC-CALL").closed_at is None

    made = called(world, stay, "patient", at=NOW + timedelta(hours=1))

    assert made.call_id == draft.call_id
    with begin(caller(world), at=NOW + timedelta(hours=2)) as work, pytest.raises(Refused, match="not possible"):
        drop_draft(work, made.call_id)


def test_calls_are_refused_before_the_discharge_in_the_future_and_without_an_outcome(world: World, stay: uuid.UUID):
    here = add_stay(world)
    wrong = [
        (here, {"outcome": "patient"}, "has not left"),
        (stay, {}, "who was reached"),
        (stay, {"outcome": "patient", "on": "2026-01-01", "at": "10:00"}, "before the discharge"),
        (stay, {"outcome": "patient", "on": "2026-12-01", "at": "10:00"}, "future"),
        (stay, {"outcome": "patient", "next_on": "2026-01-01"}, "lies after this one"),
    ]
    for which, said, sentence in wrong:
        with pytest.raises(Refused, match=sentence), begin(caller(world), at=NOW) as work:
            record_call(work, which, WriteCall.model_validate(said))


def test_nobody_is_called_again_who_is_back_in_the_house(world: World, stay: uuid.UUID):
    called(world, stay, "no_answer")
    with begin(everywhere("test"), at=NOW + timedelta(hours=1)) as work:
        work.write("encounter", "update encounter set status = 'admitted', discharge_at = null where id = %s", (stay,))
        write = work.value("select facility_id from encounter where id = %s", (stay,))
        from app.census.events import DischargeCancelled

        work.record(DischargeCancelled(facility_id=write, encounter_id=stay,
                                       patient_id=work.value("select patient_id from encounter")))  # fmt: skip
        work.changed(write, stay)
    with reading(everywhere("test")) as db:
        rules = db.values("select rule from obligation where encounter_id = %s and ended_at is null", (stay,))
    assert "TC-AGAIN" not in rules


def test_an_issue_by_hand_and_its_refusals(world: World, stay: uuid.UUID):
    with begin(caller(world), at=NOW) as work:
        made = write_issue(work, stay, OpenIssue(what="Call the pharmacy", owner="Sol"))
    for ask, sentence in (
        (MoveIssue(action=IssueAction.CLOSE), "how it was settled"),
        (MoveIssue(action=IssueAction.CHANGE), "another person"),
        (MoveIssue(action=IssueAction.REOPEN, note="again"), "not possible"),
    ):
        with pytest.raises(Refused, match=sentence), begin(caller(world), at=NOW) as work:
            move_issue(work, made.issue_id, ask)
    with pytest.raises(NotFound), begin(caller(world), at=NOW) as work:
        move_issue(work, uuid.uuid4(), MoveIssue(action=IssueAction.TAKE_UP))
    with begin(caller(world), at=NOW) as work:
        move_issue(work, made.issue_id, MoveIssue(action=IssueAction.CLOSE, note="has them"))
    later = NOW + timedelta(days=9)
    with begin(caller(world), at=later) as work:
        again = move_issue(work, made.issue_id, MoveIssue(action=IssueAction.REOPEN, note="has none again"))
    assert again.due_at > later and left is not None
