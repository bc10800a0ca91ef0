"""What is proposed on which evidence: one table of stays for the rules, and the life of drafts in the database."""

from datetime import date, datetime, timedelta

import pytest

from app.avoidable_days.commands import strike_day
from app.avoidable_days.drafts.commands import (
    RejectDraft,
    confirm_draft,
    confirm_drafts,
    reject_draft,
    take_back_rejection,
)
from app.avoidable_days.drafts.queries import rejections_by_reason, rule_precision, waiting
from app.avoidable_days.drafts.storing import sweep
from app.avoidable_days.queries import entries_by_day
from app.avoidable_days.terms import RejectReason
from app.clocks.facts import Event
from app.clocks.rules.notices import UNPROTECTED
from app.clocks.terms import EventKind, RecordKind
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.avoidable_days.stories import local
from tests.avoidable_days.support import (
    READY,
    RECORD,
    Planted,
    admitted,
    barrier,
    drafts,
    history,
    proposed,
    record,
)
from tests.reviews.support import CONTINUED, MET, NOT_MET, sign
from tests.support.feed import Telling
from tests.support.world import NOW, World

MON, TUE, WED = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    return Planted(monkeypatch)


def event(kind: EventKind, at: str, subject: str = "r1", **more: object) -> Event:
    return Event(kind=kind, at=local(at), subject=subject, **more)  # type: ignore[arg-type]


K = EventKind
PROPOSALS: dict[str, tuple[list[Event], dict[date, tuple[str, str]]]] = {
    "nothing is known": ([], {}),
    "ready and nothing explains it": ([READY], dict.fromkeys((MON, TUE, WED), ("AD-READY", "OT-03"))),
    "ready, then not, then ready again": (
        [
            READY,
            event(K.MEDICALLY_NOT_READY, "2026-03-03 03:00"),
            event(K.MEDICALLY_READY, "2026-03-04 09:00"),
        ],
        {MON: ("AD-READY", "OT-03"), WED: ("AD-READY", "OT-03")},
    ),
    "the barrier that began first": (
        [READY, barrier("2026-03-02 09:00", "PA-01", "b2"), barrier("2026-03-01 09:00", "PY-02", "b1")],
        dict.fromkeys((MON, TUE, WED), ("AD-BARRIER", "PY-02")),
    ),
    "a barrier to the discharge costs nothing before the patient is ready": (
        [barrier("2026-03-02 09:00", "PA-01")],
        {},
    ),
    "a wait for a service counts before the patient is ready": (
        [barrier("2026-03-03 09:00", "HS-02")],
        {TUE: ("AD-BARRIER", "HS-02"), WED: ("AD-BARRIER", "HS-02")},
    ),
    "a barrier without a reason of days proposes nothing": ([barrier("2026-03-03 09:00", "")], {}),
    "an unanswered referral": (
        [READY, event(K.REFERRAL_SENT, "2026-03-03 10:00", to="snf", code="PA-01", party="Maple Terrace")],
        {MON: ("AD-READY", "OT-03"), TUE: ("AD-REFERRAL", "PA-01"), WED: ("AD-REFERRAL", "PA-01")},
    ),
    "somebody else accepts, and the choice is late": (
        [
            READY,
            event(K.REFERRAL_SENT, "2026-03-02 15:00", "r1", to="snf", code="PA-01"),
            event(K.REFERRAL_ACCEPTED, "2026-03-03 10:00", "r2", to="snf", party="Maple Terrace"),
        ],
        {MON: ("AD-REFERRAL", "PA-01"), TUE: ("AD-READY", "OT-03"), WED: ("AD-CHOICE", "PF-01")},
    ),
    "post-acute care not decided": (
        [READY, event(K.POST_ACUTE_REQUESTED, "2026-03-02 16:00", code="PY-02")],
        dict.fromkeys((MON, TUE, WED), ("AD-PAC", "PY-02")),
    ),
    "PASRR level II": (
        [READY, event(K.PASRR_LEVEL_TWO, "2026-03-03 16:00")],
        {MON: ("AD-READY", "OT-03"), TUE: ("AD-PASRR", "SL-03"), WED: ("AD-PASRR", "SL-03")},
    ),
    "an appeal holds the day before everything else": (
        [
            READY,
            barrier("2026-03-01 09:00", "PA-01"),
            event(K.QIO_NOTIFIED, "2026-03-03 11:00", "q1"),
            event(K.QIO_DECISION_NOTIFIED, "2026-03-04 11:00", "q1"),
        ],
        {MON: ("AD-BARRIER", "PA-01"), TUE: ("AD-APPEAL", "SL-07"), WED: ("AD-BARRIER", "PA-01")},
    ),
    "a late appeal holds nothing": (
        [READY, event(K.QIO_NOTIFIED, "2026-03-02 16:00", "q1", to=UNPROTECTED)],
        dict.fromkeys((MON, TUE, WED), ("AD-READY", "OT-03")),
    ),
    "the order came the next day": (
        [READY, event(K.DISCHARGE_ORDERED, "2026-03-03 09:10", "")],
        {MON: ("AD-ORDER", "PH-01"), TUE: ("AD-READY", "OT-03"), WED: ("AD-READY", "OT-03")},
    ),
    "a review that was not met": (
        [event(K.SCREEN_NOT_MET, "2026-03-03 10:00", "v1")],
        {TUE: ("AD-REVIEW", "PH-05")},
    ),
    "a review that was signed on a later day than the one it is about": (
        [event(K.SCREEN_NOT_MET, "2026-03-04 10:00", "v1", through=MON)],
        {MON: ("AD-REVIEW", "PH-05")},
    ),
    "a review that a physician overruled": (
        [
            event(K.SCREEN_NOT_MET, "2026-03-03 10:00", "v1", through=TUE),
            event(K.SCREEN_NOT_MET, "2026-03-04 10:00", "v2", through=WED),
            event(K.NEED_SUPPORTED, "2026-03-04 15:00", "v1"),
        ],
        {WED: ("AD-REVIEW", "PH-05")},
    ),
    "a payer silent past its clock": (
        [READY, event(K.PAYER_REQUEST_RECEIVED, "2026-02-27 10:00", "p1", expedited=True)],
        dict.fromkeys((MON, TUE, WED), ("AD-PAYER", "PY-01")),
    ),
}


@pytest.mark.parametrize("case", PROPOSALS)
def test_what_the_facts_propose(world: World, planted: Planted, case: str):
    stay = admitted(world)
    if case == "a payer silent past its clock":
        Telling(world, first=90).tell("A08 | patient M1 | visit V1 | rec 02-25 11:00 | bed 4W^401^A | ins HMO\n")
    events, expected = PROPOSALS[case]

    planted.happened(stay, *events)

    assert proposed(stay) == expected


def test_a_referral_waits_on_when_the_acceptance_of_another_falls_through(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(
        stay,
        READY,
        event(K.REFERRAL_SENT, "2026-03-02 15:00", "r1", to="snf", code="PA-01"),
        event(K.REFERRAL_ACCEPTED, "2026-03-03 10:00", "r2", to="snf", party="Maple Terrace"),
        barrier("2026-03-04 08:00", "PA-03"),
    )
    assert proposed(stay)[TUE] == ("AD-READY", "OT-03")
    assert proposed(stay)[WED] == ("AD-BARRIER", "PA-03")

    planted.recorded(stay, RecordKind.REFERRAL_CLOSED, "2026-03-04 09:00", "r2")

    assert proposed(stay) == {MON: ("AD-REFERRAL", "PA-01"), TUE: ("AD-READY", "OT-03"), WED: ("AD-REFERRAL", "PA-01")}
    assert drafts(stay)[-1].began_at == local("2026-03-02 15:00"), "what was sent first is unresolved the longest"


def test_a_draft_cites_its_evidence_and_who_could_act(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY, barrier("2026-03-01 09:00", "PA-01", party="Maple Terrace"))

    first = drafts(stay)[0]

    assert first.party == "Maple Terrace"
    assert first.evidence == (
        "Medically ready since Mon 2 Mar 14:00. A barrier is open since Sun 1 Mar 09:00, with Maple Terrace."
    )


def test_a_draft_goes_when_its_facts_go_and_the_sweep_changes_nothing_twice(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY, barrier("2026-03-02 09:00", "PA-01"))
    before = drafts(stay)
    sweep(at=NOW)
    assert drafts(stay) == before

    planted.recorded(stay, RecordKind.BARRIER_RESOLVED, "2026-03-03 12:00", "b1")

    assert proposed(stay) == {MON: ("AD-BARRIER", "PA-01"), TUE: ("AD-READY", "OT-03"), WED: ("AD-READY", "OT-03")}


def test_each_midnight_that_passes_brings_its_draft(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)

    sweep(at=NOW + timedelta(days=1))

    assert list(proposed(stay)) == [MON, TUE, WED, date(2026, 3, 5)]


def test_a_departure_and_its_cancellation_are_followed(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)

    Telling(world, first=50).tell("A03 | patient M1 | visit V1 | rec 03-04 11:00 | occ 03-04 10:00 | disp 01\n")
    assert list(proposed(stay)) == [MON, TUE]

    Telling(world, first=51).tell("A13 | patient M1 | visit V1 | rec 03-04 12:00 | bed 4W^401^A\n")
    assert list(proposed(stay)) == [MON, TUE, WED]


def test_confirming_makes_an_entry_of_the_draft(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY, barrier("2026-03-01 09:00", "PA-01", party="Maple Terrace"))
    first, *rest = drafts(stay)

    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        made = confirm_draft(work, first.id)

    assert (made.day, made.code, made.amount, made.origin) == (MON, "PA-01", 1.0, "confirmed")
    assert (made.party, made.phase, made.rule) == ("Maple Terrace", "post_ready", "AD-BARRIER")
    assert made.validated_by == world.user["dana"]
    assert [one.id for one in drafts(stay)] == [one.id for one in rest]
    with reading(world.viewer("dana")) as db:
        days = entries_by_day(db, [stay])[stay]
    assert [(day, one.code, one.draft) for day, one in sorted(days.items())] == [
        (MON, "PA-01", False), (TUE, "PA-01", True), (WED, "PA-01", True),
    ]  # fmt: skip
    assert days[MON].label == "SNF/NF bed not available"


def test_what_was_struck_out_is_proposed_again(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        made = confirm_draft(work, drafts(stay)[0].id)

    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        strike_day(work, made.entry_id, StrikeOut(reason="Recorded for the wrong stay"))

    assert list(proposed(stay)) == [MON, TUE, WED]
    assert [one.ended_because for one in history(stay)] == ["struck_out"]


def test_a_draft_is_answered_once(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)
    one = drafts(stay)[0]
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        confirm_draft(work, one.id)

    with pytest.raises(Refused), begin(world.viewer("lee").acting(RECORD), at=NOW) as work:
        confirm_draft(work, one.id)
    with pytest.raises(Refused), begin(world.viewer("lee").acting(RECORD), at=NOW) as work:
        reject_draft(work, one.id, RejectDraft(reason=RejectReason.DUPLICATE))
    assert len(history(stay)) == 1


def test_many_are_confirmed_at_once_and_those_that_are_gone_are_told(world: World, planted: Planted):
    stays = [admitted(world, number) for number in (1, 2)]
    for stay in stays:
        planted.happened(stay, READY)
    with reading(world.viewer("dana")) as db:
        keys = [one.id for one in waiting(db, world.facility["NORTH"])]
    assert len(keys) == 6
    with begin(world.viewer("lee").acting(RECORD), at=NOW) as work:
        confirm_draft(work, keys[0])

    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        made, gone = confirm_drafts(work, keys)

    assert (len(made), gone) == (5, 1)
    assert not drafts(stays[0]) and not drafts(stays[1])


def test_a_rejected_rule_does_not_propose_the_day_again_until_its_evidence_is_another(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY, barrier("2026-03-02 09:00", "PA-01"))
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        reject_draft(work, drafts(stay)[0].id, RejectDraft(reason=RejectReason.OTHER_REASON))
    assert proposed(stay)[MON] == ("AD-READY", "OT-03")

    planted.happened(stay, barrier("2026-03-02 10:00", "PA-02", "b9"))

    assert proposed(stay)[MON] == ("AD-BARRIER", "PA-02")


def test_a_day_on_which_the_bed_was_needed_is_left_alone_until_that_is_taken_back(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY, barrier("2026-03-02 09:00", "PA-01"))
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        made = reject_draft(work, drafts(stay)[0].id, RejectDraft(reason=RejectReason.NEEDED))
    assert list(proposed(stay)) == [TUE, WED]

    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        take_back_rejection(work, made.id)
    assert proposed(stay)[MON] == ("AD-BARRIER", "PA-01")
    with pytest.raises(Refused), begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        take_back_rejection(work, made.id)


def test_something_else_needs_words(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)

    with pytest.raises(Refused) as refused, begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        reject_draft(work, drafts(stay)[0].id, RejectDraft(reason=RejectReason.OTHER))
    assert refused.value.field == "note"


def test_the_precision_of_a_rule_counts_what_stands(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        confirm_draft(work, drafts(stay)[0].id)
    record(world, stay, day=TUE, code="PF-07")
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        made = reject_draft(work, drafts(stay)[0].id, RejectDraft(reason=RejectReason.WRONG_FACTS))

    with reading(world.viewer("dora")) as db:
        found = {one.rule: one for one in rule_precision(db, [world.facility["NORTH"]], MON, WED)}
        reasons = rejections_by_reason(db, [world.facility["NORTH"]], MON, WED)
    ready = found["AD-READY"]
    assert (ready.confirmed, ready.changed, ready.rejected, ready.waiting) == (1, 1, 1, 0)
    assert ready.share == pytest.approx(1 / 3)
    assert found["AD-APPEAL"].share is None
    assert reasons == {("AD-READY", "wrong_facts"): 1}

    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        take_back_rejection(work, made.id)
    with reading(world.viewer("dora")) as db:
        found = {one.rule: one for one in rule_precision(db, [world.facility["NORTH"]], MON, WED)}
    assert (found["AD-READY"].rejected, found["AD-READY"].waiting) == (0, 1)


def test_a_stranger_neither_sees_nor_answers_a_draft(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)
    key = drafts(stay)[0].id

    with reading(world.viewer("stan")) as db:
        assert waiting(db, world.facility["NORTH"]) == []
    with pytest.raises(NotFound), begin(world.viewer("stan").acting(RECORD), at=NOW) as work:
        confirm_draft(work, key)


def test_an_old_day_is_not_proposed(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)

    later = datetime(2026, 4, 2, 15, 0, tzinfo=NOW.tzinfo)
    sweep(at=later)

    with reading(everywhere("test"), at=later) as db:
        days = list(db.values("select day from avoidable_draft where ended_at is null order by day"))
    assert (days[0], len(days)) == (date(2026, 3, 3), 30)


def test_a_review_is_about_its_own_day_and_a_later_one_of_that_day_may_find_it_needed(world: World):
    stay = admitted(world)
    about = CONTINUED | {"for_day": "2026-03-03"}
    sign(world, stay, about, NOT_MET)
    assert proposed(stay) == {TUE: ("AD-REVIEW", "PH-05")}

    Telling(world, first=70).tell("A03 | patient M1 | visit V1 | rec 03-05 09:00 | occ 03-05 09:00\n")
    sign(
        world,
        stay,
        about | {"kind": "retrospective", "criteria": "aep_admission 2"},
        MET,
        now=NOW + timedelta(minutes=5),
    )

    assert proposed(stay) == {}
