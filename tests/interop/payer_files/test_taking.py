"""What payers send is stored first, applied where it fits, and held with a reason where it does not."""

import os
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from app.interop.payer_files.matching import judge
from app.interop.payer_files.settings import exchange_of
from app.interop.payer_files.settling import Assign, SetAside, assign, look_again, set_aside
from app.interop.payer_files.taking import read_file, settle_item, take_from_folders
from app.interop.payer_files.terms import ItemKind, ItemState, Told
from app.interop.x12.terms import Answer, AnswerKind, Kind, Place
from app.kernel.refusal import NotFound, Refused
from app.payers.authorizations.commands import strike_authorization
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from tests.interop.payer_files.support import (
    DENY,
    HOUR,
    WHOLE,
    answers,
    asked,
    comes,
    decisions,
    house,
    items,
    member_number,
    sent,
    standings,
    stay,
    steps,
)
from tests.support.stays import StaySpec
from tests.support.world import NOW, World
from tests.support.x12 import answer, envelope

D3, D6 = date(2026, 3, 3), date(2026, 3, 6)
PART = ("HCR*A6*AU1", "DTP*AAH*RD8*20260303-20260305", "HSD*DY*2")


@pytest.fixture
def ready(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A house whose exchange is set."""
    house(world, monkeypatch, tmp_path / "payers")
    return world


def _item(state: str = "held") -> uuid.UUID:
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from payer_file_item where ended_at is null and state = %s", (state,))
    return found


def test_a_decision_is_recorded_with_its_authorization(ready: World):
    made = asked(ready, stay(ready))
    sent(ready, made.authorization_id)

    answers(ready, made.event_trace, *WHOLE)

    assert items() == [("decision", "applied", "")]
    assert decisions() == [("A1", "file", [D3])]
    assert standings() == [("approved", D6)]
    assert steps() == ["answered"]
    with reading(everywhere("test")) as view:
        closed = view.value("select closed_at from obligation where ended_at is null and rule = 'PY-7'")
    assert closed in (None, NOW + HOUR)


def test_fewer_days_a_denial_and_an_answer_that_is_awaited(ready: World):
    first, second, third = (asked(ready, stay(ready)) for _ in range(3))
    answers(ready, first.event_trace, *PART, number=1)
    answers(ready, second.event_trace, DENY, "REF*NT*DENY1", number=2)
    answers(ready, third.event_trace, "HCR*A4**0U", "REF*NT*PEND1", number=3)
    assert sorted(standings(), key=str) == [("denied", None), ("partially", date(2026, 3, 4)), ("pended", None)]


def test_the_same_file_and_the_same_answer_count_once(ready: World):
    made = asked(ready, stay(ready))
    first = answers(ready, made.event_trace, *WHOLE)
    again = answers(ready, made.event_trace, *WHOLE, at=NOW + 3 * HOUR)
    assert (first.new, again.new, again.file_id) == (True, False, first.file_id)

    answers(ready, made.event_trace, *WHOLE, at=NOW + 4 * HOUR, number=9)  # another interchange that says the same
    assert [state for _, state, _ in items()] == ["applied", "repeated"]
    assert len(decisions()) == 1


def test_what_is_settled_is_not_settled_again(ready: World):
    made = asked(ready, stay(ready))
    taken = answers(ready, made.event_trace, *WHOLE)
    with reading(everywhere("test")) as view:
        keys = view.values("select id from payer_file_item")
    assert read_file(str(taken.file_id)) == []
    for key in keys:
        settle_item(str(key))
    assert len(decisions()) == 1


@pytest.mark.parametrize(
    ("event", "part"),
    [
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260303-20260307", "HSD*DY*2"), "a period of 4 days and counts 2"),
        (("HCR*QQ*AU1",), "no decision code that is known"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260228-20260307"), "before the admission"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260310-20260312"), "None of the days"),
        (("REF*NT*X1",), "neither a decision"),
        (("HCR*A6*AU1",), "names no days"),
    ],
)
def test_what_does_not_fit_is_held_with_the_reason(ready: World, event: tuple[str, ...], part: str):
    made = asked(ready, stay(ready))
    answers(ready, made.event_trace, *event)
    ((_kind, state, sentence),) = items()
    assert state == "held" and part in sentence
    assert decisions() == [] and steps() == []


def test_days_after_the_discharge_are_held(ready: World):
    gone = StaySpec(status="discharged", start=NOW - timedelta(days=2))  # left on 5 March
    made = asked(ready, stay(ready, spec=gone))
    answers(ready, made.event_trace, "HCR*A1*AU1", "DTP*AAH*RD8*20260303-20260309")
    assert "after the discharge" in items()[0][2]
    answers(ready, made.event_trace, *WHOLE, number=8)  # these were asked before the patient left
    assert [state for _, state, _ in items()] == ["held", "applied"]


def test_an_answer_that_is_not_ours_is_held(ready: World):
    made = asked(ready, stay(ready))
    answers(ready, "EVT-UNKNOWN", *WHOLE, number=1)
    comes(ready, envelope(answer(*WHOLE, trace=made.event_trace), interchange=2).replace("MEM000111", "MEM000222"))
    comes(ready, envelope(answer(*WHOLE, trace=made.event_trace), interchange=3).replace("*9HOSP99999", "*9HOSP00000"))
    comes(ready, envelope(["BHT*0007*13*R*20260312*1130", "HL*1**20*0"], interchange=4))
    comes(ready, b"\x00\xff not X12")
    comes(ready, envelope(answer(*WHOLE, trace=made.event_trace), interchange=6)[:-30])
    assert [(kind, state) for kind, state, _ in items()] == [
        ("decision", "held"), ("decision", "held"), ("decision", "held"), ("unreadable", "held"),
        ("unreadable", "held"), ("decision", "held"), ("unreadable", "held"),
    ]  # fmt: skip
    sentences = " ".join(sentence for _, _, sentence in items())
    for part in (
        "repeats no request",
        "another member id",
        "another sender",
        "does not begin with an ISA",
        "is missing",
    ):
        assert part in sentences
    assert "MEM000" not in sentences and decisions() == []


def test_an_answer_to_an_authorization_that_was_struck_out_is_held(ready: World):
    made = asked(ready, stay(ready))
    with begin(ready.viewer("uma").acting(Permission.AUTHORIZATION_WRITE), at=NOW + HOUR) as work:
        strike_authorization(work, made.authorization_id, StrikeOut(reason="wrong stay"))
    answers(ready, made.event_trace, *WHOLE, at=NOW + 2 * HOUR)
    assert [state for _, state, _ in items()] == ["held"]


def test_an_answer_without_an_event_is_known_by_our_number_of_the_transmission(ready: World):
    made = asked(ready, stay(ready))
    out = sent(ready, made.authorization_id)
    lines = [line for line in answer(reference=out.reference) if not line.startswith(("HL*4", "TRN", "UM"))]
    comes(ready, envelope([*lines, "AAA*N**75*C"]))
    ((_kind, state, sentence),) = items()
    assert (state, sentence) == (
        "rejected", "Subscriber, reason 75: the subscriber was not found; correct and send again.",
    )  # fmt: skip
    assert steps() == ["rejected"] and standings() == [("requested", None)]


def test_acknowledgements_are_noted_with_the_file_and_decide_nothing(ready: World):
    made = asked(ready, stay(ready))
    out = sent(ready, made.authorization_id)
    accepted = ["AK1*HI*1*005010X217", "AK2*278*0001*005010X217", "IK5*A", "AK9*A*1*1*1"]
    comes(ready, envelope(accepted, kind="999", guide="005010X231A1", interchange=1))
    comes(ready, envelope([line.replace("*1*005", "*99*005") for line in accepted], kind="999", interchange=2))
    refused = ["AK1*HI*1*005010X217", "AK2*278*0001*005010X217", "IK5*R*5", "AK9*A*1*1*1"]
    comes(ready, envelope(refused, kind="999", interchange=3), at=NOW + 2 * HOUR)
    assert out.control == 1
    assert [(state, sentence) for _, state, sentence in items()] == [
        ("noted", ""), ("held", "It acknowledges a file that was not sent from here."),
        ("rejected", "The payer’s computer refused the file (IK5 5)."),
    ]  # fmt: skip
    assert steps() == ["arrived", "refused"] and standings() == [("requested", None)]


# --- folders ---------------------------------------------------------------------------------------------------------


def _lay(folder: Path, name: str, text: str, age: float = 60) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_files_leave_the_inbox_when_they_are_stored(ready: World, tmp_path: Path):
    inbox = tmp_path / "payers" / "quiet-in"
    assert take_from_folders() is False  # there is no folder yet
    text = envelope(answer(*WHOLE))
    _lay(inbox, "a.x12", text)
    _lay(inbox, "b.x12", text)  # the same bytes under another name
    _lay(inbox, "c.x12.part", text)
    _lay(inbox, ".hidden", text)
    _lay(inbox, "young.x12", "still being written", age=0)

    take_from_folders()

    assert sorted(path.name for path in inbox.iterdir()) == [".hidden", "c.x12.part", "taken", "young.x12"]
    assert sorted(path.name for path in (inbox / "taken").iterdir()) == ["a.x12", "b.x12"]
    with reading(everywhere("test")) as view:
        stored = view.rows(lambda *row: row, "select name, folder, received_by from payer_file_in")
        waiting = view.value("select count(*) from procrastinate_jobs where task_name = 'payer_files.read'")
    assert stored == [("a.x12", "quiet-in", None)] and waiting == 1

    _lay(inbox, "a.x12", text + "\n")
    take_from_folders()
    assert sorted(path.name for path in (inbox / "taken").iterdir()) == ["a-2.x12", "a.x12", "b.x12"]


def test_a_file_that_cannot_be_moved_does_not_hold_up_the_others(ready: World, tmp_path: Path):
    inbox = tmp_path / "payers" / "quiet-in"
    _lay(inbox, "a.x12", envelope(answer(*WHOLE)))
    (inbox / "taken").write_text("a file where the folder should be")
    os.utime(inbox / "taken", (0, 0))
    take_from_folders()
    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from payer_file_in") == 2
    assert (inbox / "a.x12").exists()


def test_a_huge_file_is_kept_in_part_and_shown(ready: World, tmp_path: Path):
    _lay(tmp_path / "payers" / "quiet-in", "big.x12", envelope(answer(*WHOLE)) + " " * 6_000_000)
    take_from_folders()
    with reading(everywhere("test")) as view:
        key = view.value("select id from payer_file_in")
    for one in read_file(str(key)):
        settle_item(str(one))
    assert items() == [("unreadable", "held", "The file is larger than 5 MiB and was not read.")]


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_person_says_to_what_an_answer_belongs(ready: World):
    made = asked(ready, stay(ready))
    answers(ready, "EVT-UNKNOWN", *WHOLE)
    lead = ready.viewer("lee").acting(Permission.EXCHANGE_SET)

    assign(lead, _item(), Assign(authorization_id=made.authorization_id))

    assert items() == [("decision", "applied", "Assigned by hand.")]
    assert standings() == [("approved", D6)]
    with reading(everywhere("test")) as view:
        who = view.value("select actor from audit_event where name = 'authorization.decided'")
        versions = view.values("select state from payer_file_item order by made_at, id")
    assert who == "lee" and versions == ["waiting", "held", "applied"]
    with pytest.raises(Refused, match="settled this answer meanwhile"):
        assign(lead, _item("applied"), Assign(authorization_id=made.authorization_id))


def test_what_holds_no_decision_cannot_be_assigned(ready: World):
    made = asked(ready, stay(ready))
    comes(ready, "no X12 at all")
    with pytest.raises(Refused, match="no decision"):
        assign(
            ready.viewer("lee").acting(Permission.EXCHANGE_SET), _item(), Assign(authorization_id=made.authorization_id)
        )


def test_a_repair_makes_a_held_answer_fit(ready: World):
    lead = ready.viewer("lee").acting(Permission.EXCHANGE_SET)
    made = asked(ready, stay(ready, member="OTHER"))
    taken = answers(ready, made.event_trace, *WHOLE)
    assert "another member id" in items()[0][2]
    assert look_again(lead, taken.file_id) == 1  # nothing was repaired yet
    assert [state for _, state, _ in items()] == ["held"]

    member_number(ready, "MEM-000111")
    with pytest.raises(NotFound):
        look_again(ready.viewer("stan").acting(Permission.EXCHANGE_SET), taken.file_id)
    assert look_again(lead, taken.file_id) == 1

    assert [state for _, state, _ in items()] == ["applied"] and standings() == [("approved", D6)]
    with pytest.raises(NotFound, match="Nothing of this file waits"):
        look_again(lead, taken.file_id)


def test_an_answer_is_put_aside_with_a_reason(ready: World):
    comes(ready, "no X12 at all")
    set_aside(ready.viewer("lee").acting(Permission.EXCHANGE_SET), _item(), SetAside(reason="a test of the payer"))
    assert [state for _, state, _ in items()] == ["set_aside"]
    with pytest.raises(NotFound):
        set_aside(
            ready.viewer("stan").acting(Permission.EXCHANGE_SET), _item("set_aside"), SetAside(reason="a stranger")
        )


def test_a_link_in_an_inbox_is_no_file_of_the_payer(ready: World, tmp_path: Path):
    inbox = tmp_path / "payers" / "quiet-in"
    elsewhere = _lay(tmp_path, "private.txt", "nothing of a payer")
    inbox.mkdir(parents=True)
    (inbox / "a.x12").symlink_to(elsewhere)

    take_from_folders()

    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from payer_file_in") == 0


def test_a_receipt_of_another_payer_confirms_nothing(ready: World):
    made = asked(ready, stay(ready))
    out = sent(ready, made.authorization_id, Kind.ADMISSION)
    part = Told(
        kind=ItemKind.RECEIPT,
        answer=Answer(kind=AnswerKind.RECEIPT, event_trace=out.event_trace, place=Place(segment=1)),
    )
    with reading(everywhere("test")) as view:
        own = exchange_of(view, ready.facility["NORTH"], "PLAN1")
        assert judge(view, own, part).state is ItemState.NOTED
        found = judge(view, msgspec.structs.replace(own, payer_code="PLAN2"), part)
    assert (found.state, found.sentence) == (ItemState.HELD, "It is about a file to another payer.")
