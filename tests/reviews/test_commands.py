"""A signed review closes what is owed at once; what it lacks is refused beside its field; nothing is overwritten."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.reviews.commands import KeepDraft, Refer, discard_draft, refer, save_draft
from app.reviews.queries import drafts, history, standing, versions
from app.reviews.terms import ReviewState
from app.security.permissions import Permission
from tests.reviews.support import (
    ADMISSION,
    ADMITTED,
    CONTINUED,
    MET,
    NOT_MET,
    WATCHED,
    amend,
    events,
    owed,
    sign,
    strike,
    tell,
)
from tests.support.world import NOW, World

SEE = everywhere("test")


def keep(world: World, stay: uuid.UUID, typed: dict[str, list[str]], name: str = "uma", **said: Any) -> uuid.UUID:
    ask = KeepDraft.model_validate({"kind": "admission", "for_day": "2026-03-04", **said})
    with begin(world.viewer(name).acting(Permission.REVIEW_WRITE), at=NOW) as work:
        return save_draft(work, stay, ask, typed).id


def test_a_signed_admission_review_closes_its_deadline(world: World):
    stay = tell(world, ADMITTED)
    assert owed("UR-ADM-SCREEN") == [("", datetime(2026, 3, 5, 15, 0, tzinfo=UTC), None)]

    made = sign(world, stay, ADMISSION, MET)

    assert (made.outcome, made.met, made.qualifies, made.referred) == ("met", ["A12"], True, False)
    assert owed("UR-ADM-SCREEN")[0][2] == NOW
    assert events("review.signed")[0]["outcome"] == "met"


def test_the_next_review_that_was_set_is_owed_by_the_end_of_its_day(world: World):
    stay = tell(world, ADMITTED)
    first = sign(world, stay, ADMISSION, MET, {"next_review_on": "2026-03-05"})
    assert owed("UR-CSR") == [(str(first.review_id), datetime(2026, 3, 6, 5, 59, 59, tzinfo=UTC), None)]

    sign(world, stay, CONTINUED, {"points": ["D13"], "next_review_on": "2026-03-06"}, now=NOW + timedelta(hours=1))

    open_ones = [one for one in owed("UR-CSR") if one[2] is None]
    assert [due for _, due, _ in open_ones] == [datetime(2026, 3, 7, 5, 59, 59, tzinfo=UTC)]


@pytest.mark.parametrize("missing", ["reason", "level", "recommended_level"])
def test_not_met_says_why_and_which_care_is_enough(world: World, missing: str):
    stay = tell(world, ADMITTED)

    with pytest.raises(Refused) as refusal:
        sign(world, stay, ADMISSION, NOT_MET, {missing: ""})

    assert refusal.value.field == missing
    assert owed("UR-ADM-SCREEN")[0][2] is None


def test_not_met_goes_to_a_physician_with_a_question(world: World):
    stay = tell(world, ADMITTED)

    made = sign(world, stay, ADMISSION, NOT_MET)

    assert made.referred and made.question == (
        "Admission review of Wed 4 Mar not met: is acute, medical or surgical care needed,"
        " or is skilled nursing (SNF) enough?"
    )
    told = events("review.referred")
    assert told == [{"facility_id": world.facility["NORTH"], "review_id": str(made.review_id), "reason": "not_met"}]


def test_a_policy_of_the_hospital_exempts_and_an_unknown_one_does_not(world: World):
    stay = tell(world, ADMITTED)
    with pytest.raises(Refused, match="not on the list"):
        sign(world, stay, ADMISSION, NOT_MET, {"exemption": "because_i_say_so"})

    made = sign(world, stay, ADMISSION, NOT_MET, {"exemption": "awaiting_placement"})

    assert not made.referred and events("review.referred") == []


@pytest.mark.parametrize("missing", ["awaited", "awaited_from"])
def test_pending_says_what_is_awaited_and_from_whom(world: World, missing: str):
    stay = tell(world, ADMITTED)
    said = {"outcome": "pending_information", "awaited": "Echo report", "awaited_from": "Cardiology"}

    with pytest.raises(Refused) as refusal:
        sign(world, stay, ADMISSION, said, {missing: ""})
    made = sign(world, stay, ADMISSION, said)

    assert refusal.value.field == missing
    assert (made.outcome, made.referred) == ("pending_information", False)


def test_against_the_points_only_with_a_reason(world: World):
    stay = tell(world, ADMITTED)
    with pytest.raises(Refused) as refusal:
        sign(world, stay, ADMISSION, {"outcome": "met"})
    assert refusal.value.field == "override_reason"

    made = sign(world, stay, ADMISSION, {"outcome": "met", "override_reason": "Risk of bleeding after surgery"})

    assert (made.outcome, made.override, made.qualifies) == ("met", "to_appropriate", False)


def test_a_tick_against_its_own_figure_is_refused(world: World):
    stay = tell(world, ADMITTED)

    with pytest.raises(Refused, match="A2"):
        sign(world, stay, ADMISSION, {"points": ["A2"], "values": {"pulse": "96"}})
    assert sign(world, stay, ADMISSION, {"values": {"pulse": "145"}}).met == ["A2"]


def test_one_review_stands_for_kind_and_day(world: World):
    stay = tell(world, ADMITTED)
    sign(world, stay, ADMISSION, MET)

    with pytest.raises(Refused, match="“sign” is not possible"):
        sign(world, stay, ADMISSION, MET, name="dana")
    assert sign(world, stay, CONTINUED, {"points": ["D1"]}).kind == "continued_stay"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"for_day": "2026-03-06"}, "for_day"),
        ({"for_day": "2026-03-01"}, "for_day"),
        ({"kind": "retrospective"}, "kind"),
        ({"criteria": "nothing 1"}, "criteria"),
        ({"next_review_on": "2026-03-04"}, "next_review_on"),
    ],
)
def test_what_does_not_fit_the_stay_is_refused(world: World, said: dict[str, Any], field: str):
    stay = tell(world, ADMITTED)

    with pytest.raises(Refused) as refusal:
        sign(world, stay, ADMISSION, MET, said)

    assert refusal.value.field == field


def test_a_stay_that_has_ended_is_reviewed_in_retrospect(world: World):
    left = "A03 | rec 03-05 08:00 | occ 03-05 08:00 | disp 01 | bed 4W^401^A | ins MEDICARE\n"
    stay = tell(world, ADMITTED + left)
    with pytest.raises(Refused, match="retrospective"):
        sign(world, stay, ADMISSION, MET)

    made = sign(world, stay, CONTINUED, {"kind": "retrospective", "for_day": "2026-03-04", "points": ["D13"]})

    assert made.kind == "retrospective"


def test_an_amendment_keeps_the_earlier_version(world: World):
    stay = tell(world, ADMITTED)
    made = sign(world, stay, ADMISSION, MET)

    amend(world, made.review_id, ADMISSION, NOT_MET, {"because": "The drip had ended"}, now=NOW + timedelta(minutes=5))

    with reading(SEE) as view:
        now, before = history(view, made.review_id)
        assert [one.outcome for one in standing(view, stay)] == ["not_met"]
    assert (now.now, now.made_because, now.signed_at, before.outcome, before.ended_reason) == (
        ReviewState.AMENDED, "The drip had ended", NOW, "met", "The drip had ended",
    )  # fmt: skip
    assert len(events("review.referred")) == 1 and len(events("review.amended")) == 1


def test_what_is_struck_out_is_owed_again_and_can_be_read(world: World):
    stay = tell(world, ADMITTED)
    made = sign(world, stay, ADMISSION, MET)

    strike(world, made.review_id)

    assert owed("UR-ADM-SCREEN")[0][2] is None
    with reading(SEE) as view:
        [one] = versions(view, stay)
    assert (one.now, one.ended_reason, one.met) == (ReviewState.STRUCK_OUT, "Of another patient", ["A12"])
    with pytest.raises(Refused, match="Nothing more can be done"):
        amend(world, made.review_id, ADMISSION, MET, {"because": "again"})
    assert sign(world, stay, ADMISSION, MET).review_id != made.review_id


def test_as_of_before_the_amendment_shows_what_stood_then(world: World):
    stay = tell(world, ADMITTED)
    made = sign(world, stay, ADMISSION, MET)
    amend(world, made.review_id, ADMISSION, NOT_MET, {"because": "The drip had ended"}, now=NOW + timedelta(hours=2))

    with reading(SEE, as_of=NOW + timedelta(hours=1)) as then:
        assert [(one.outcome, one.standing) for one in versions(then, stay)] == [("met", True)]
    with reading(SEE, as_of=NOW - timedelta(hours=1)) as then:
        assert versions(then, stay) == []


def test_a_review_that_is_met_can_be_referred_once(world: World):
    stay = tell(world, ADMITTED)
    made = sign(world, stay, ADMISSION, MET)
    who = world.viewer("uma").acting(Permission.REVIEW_WRITE)

    with begin(who, at=NOW + timedelta(minutes=1)) as work:
        refer(work, made.review_id, Refer(question="Is inpatient care needed after today?"))

    assert events("review.referred")[0]["reason"] == "reviewer"
    with reading(SEE) as view:
        assert [(one.referred, one.question) for one in standing(view, stay)] == [
            (True, "Is inpatient care needed after today?")
        ]
    with pytest.raises(Refused, match="already"), begin(who, at=NOW + timedelta(minutes=2)) as work:
        refer(work, made.review_id, Refer())


def test_who_opens_a_draft_goes_on_with_it_and_signing_ends_it(world: World):
    stay = tell(world, ADMITTED)
    first = keep(world, stay, {"summary": ["Begun"]})

    second = keep(world, stay, {"summary": ["Begun, and gone on"]}, name="dana")

    assert first == second
    with reading(SEE) as view:
        assert [(one.content, one.saved_by) for one in drafts(view, stay)] == [
            ({"summary": ["Begun, and gone on"]}, "Dana Whitlow")
        ]
    made = sign(world, stay, ADMISSION, MET, now=NOW + timedelta(minutes=9))
    assert made.signed_at - made.started_at == timedelta(minutes=9)
    with reading(SEE) as view:
        assert drafts(view, stay) == []


def test_a_draft_can_be_thrown_away_and_counts_for_nothing(world: World):
    stay = tell(world, ADMITTED)
    draft = keep(world, stay, {"points": ["A12"]})
    assert owed("UR-ADM-SCREEN")[0][2] is None

    with begin(world.viewer("uma").acting(Permission.REVIEW_WRITE)) as work:
        discard_draft(work, draft)

    with reading(SEE) as view:
        assert drafts(view, stay) == []
    with pytest.raises(NotFound), begin(world.viewer("uma").acting(Permission.REVIEW_WRITE)) as work:
        discard_draft(work, draft)


def test_parts_that_were_not_touched_are_marked_as_carried_over(world: World):
    stay = tell(world, ADMITTED)
    sign(world, stay, ADMISSION, MET, {"summary": "Lives alone.\n\nAntibiotics by vein."})

    made = sign(world, stay, CONTINUED, {"points": ["D13"], "summary": "Fever gone.", "carried": ["Lives  alone."]},
                now=NOW + timedelta(minutes=1))  # fmt: skip

    assert [(one["text"], one["carried"]) for one in made.summary] == [("Fever gone.", False), ("Lives  alone.", True)]


def test_medicaid_has_a_date_that_the_next_review_closes(world: World):
    stay = tell(world, ADMITTED.replace("MEDICARE", "MEDICAID"))
    sign(world, stay, ADMISSION, MET, {"next_review_on": "2026-03-05"})
    [(_, due, closed)] = owed("MCD-CSR")
    assert closed is None and due == datetime(2026, 3, 10, 4, 59, 59, tzinfo=UTC)

    later = NOW + timedelta(hours=1)
    made = sign(world, stay, CONTINUED, {"points": ["D13"]}, now=later)

    assert owed("MCD-CSR") == [(str(made.review_id), due, later)]


def test_another_facility_has_no_such_stay(world: World):
    stay = tell(world, ADMITTED)
    made = sign(world, stay, ADMISSION, MET)

    with pytest.raises(NotFound):
        sign(world, stay, CONTINUED, MET, name="stan")
    with pytest.raises(NotFound):
        strike(world, made.review_id, name="stan")


def test_an_observation_review_fits_a_patient_in_observation(world: World):
    stay = tell(world, WATCHED)

    made = sign(world, stay, ADMISSION, MET, {"kind": "observation", "for_day": "2026-03-05"})

    assert (made.kind, made.for_day) == ("observation", date(2026, 3, 5))
    assert owed("UR-ADM-SCREEN")[0][2] == NOW
