"""Determinations and changes of status on the database: what is refused, what is recorded, what the clocks see."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.status.changing import commands as changing
from app.status.determining import commands as determining
from app.status.events import CommitteeChanged
from app.status.forms import (
    AmendDetermination,
    Determine,
    GiveOpinion,
    NameTeam,
    OpenDetermination,
    Say,
    Tell,
)
from app.status.models import CareTeamEntry, Consult, DeterminationNotice, Opinion
from app.status.queries import cases
from app.status.terms import Finding, Question
from tests.reviews.support import ADMISSION, MET, sign
from tests.status.support import (
    ADMITTED,
    LEFT,
    MINUTE,
    ask,
    claim,
    events,
    find,
    hear,
    notify,
    opine,
    owed,
    seat,
    shut,
    state,
    strike_case,
    tell_story,
)
from tests.support.waiters import wait_for_a_waiter
from tests.support.world import NOW, World


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    seat(world, "paul", "carla")
    return tell_story(world, ADMITTED)


def determined(world: World, stay: uuid.UUID) -> uuid.UUID:
    case = ask(world, stay)
    hear(world, case)
    opine(world, case)
    find(world, case)
    return case


def test_one_member_determines_when_the_practitioner_concurs(world: World, stay: uuid.UUID):
    case = determined(world, stay)

    assert state(case) == "determined"
    (made,) = events("determination.made")
    assert (made["outcome"], made["members_needed"]) == ("not_necessary", 1)
    ((subject, due, closed),) = owed("UR-NOTICE")
    assert (subject, closed) == (str(case), None)
    assert due == datetime(2026, 3, 8, 5, 59, 59, tzinfo=UTC)  # Sat 7 Mar, end of the day in Chicago


def test_nobody_determines_before_an_attempt_to_hear_the_practitioner(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    opine(world, case)

    with pytest.raises(Refused, match="Ask the responsible practitioner first"):
        find(world, case)
    hear(world, case, "concurs", part="other")
    with pytest.raises(Refused, match="Ask the responsible practitioner first"):
        find(world, case)


def test_silence_counts_after_the_time_to_answer(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    hear(world, case, "no_answer", channel="page")
    opine(world, case)

    with pytest.raises(Refused, match="may still answer"):
        find(world, case, at=NOW + 59 * MINUTE)
    find(world, case, at=NOW + 60 * MINUTE)
    assert state(case) == "determined"


def test_a_practitioner_who_disagrees_needs_two_members(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    hear(world, case, "disagrees")
    opine(world, case)

    with pytest.raises(Refused, match="a second member"):
        find(world, case)
    with pytest.raises(Refused, match="must come from another member"):
        opine(world, case)
    opine(world, case, "carla")
    find(world, case)
    assert events("determination.made")[0]["members_needed"] == 2


def test_a_member_who_cares_for_the_patient_is_kept_out(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        changing.name_team(work, stay, NameTeam(user_id=world.user["carla"], capacity="Cardiology consult"))

    with pytest.raises(Refused, match="takes part in the patient's care"):
        opine(world, case, "carla")


def test_an_attending_of_an_earlier_day_counts_as_care_team(world: World):
    seat(world, "paul", "carla")
    with begin(everywhere("test"), at=NOW - timedelta(days=9)) as work:
        work.write("app_user", "update app_user set attending_number = '77' where id = %s", (world.user["paul"],))
        work.record(
            CommitteeChanged(
                facility_id=world.facility["NORTH"], user_id=world.user["paul"], how="numbered",
                financial_interest=False,
            )
        )  # fmt: skip
    first = ADMITTED.replace("1001^TENDING^ANN", "77^ADEYEMI^PAUL")
    later = "A08 | rec 03-05 08:00 | occ 03-05 08:00 | bed 4W^401^A | ins MEDICARE | attending 1001^TENDING^ANN\n"
    case = ask(world, tell_story(world, first + later))

    with pytest.raises(Refused, match="takes part in the patient's care"):
        opine(world, case, "paul")


def test_a_member_found_to_be_on_the_care_team_afterwards_does_not_count(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    hear(world, case)
    opine(world, case)
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        changing.name_team(work, stay, NameTeam(name="Paul  adeyemi"))

    with pytest.raises(Refused, match="must find the care not necessary first"):
        find(world, case, "carla")


def test_a_member_with_a_financial_interest_is_kept_out(world: World):
    seat(world, "paul", "carla", interested=("carla",))
    case = ask(world, tell_story(world, ADMITTED))

    with pytest.raises(Refused, match="financial interest"):
        opine(world, case, "carla")


def test_a_nurse_and_a_physician_without_a_seat_never_determine(world: World):
    seat(world, "carla")
    case = ask(world, tell_story(world, ADMITTED))
    given = GiveOpinion.model_validate({"finding": "not_necessary", "rationale": "Stable."})

    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        with pytest.raises(Refused, match="A nurse prepares"):
            determining.give_opinion(work, case, given)
        with pytest.raises(Refused, match="A nurse prepares"):
            determining.determine(
                work, case, Determine.model_validate({"finding": "not_necessary", "rationale": "Stable."})
            )
    with pytest.raises(Refused, match="You hold no seat"):
        opine(world, case, "paul")


def test_care_found_necessary_starts_no_clock_and_ends_the_question(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    opine(world, case, finding="necessary")
    find(world, case, finding="necessary")

    assert state(case) == "closed"
    assert owed("UR-NOTICE") == []


def test_three_notices_close_the_clock_at_their_true_time(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    notify(world, case, "hospital", "practitioner", at=NOW + MINUTE)
    with pytest.raises(Refused, match="Not told in writing yet: patient"):
        shut(world, case)
    late = NOW + timedelta(days=4)
    notify(world, case, "patient", at=late)
    shut(world, case, at=late)

    ((_, due, closed),) = owed("UR-NOTICE")
    assert closed == late and due is not None and closed > due
    assert state(case) == "closed"


def test_a_determination_closes_without_a_notice_only_with_a_documented_exception(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    notify(world, case, "hospital", "practitioner")
    shut(world, case, "The patient left against advice and has no address.")

    assert state(case) == "closed"
    assert events("determination.moved")[-1]["excepted"] is True


def test_a_notice_before_the_determination_and_a_second_one_are_refused(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        early = {"told": "patient", "recipient": "Them", "channel": "letter", "on": "2026-03-05", "at": "08:00"}
        with pytest.raises(Refused, match="before the determination"):
            determining.tell(work, case, Tell.model_validate(early))
    notify(world, case, "patient")
    with pytest.raises(Refused, match="told already"):
        notify(world, case, "patient")


def test_self_denial_waits_for_the_discharge_and_files_within_a_year(world: World, stay: uuid.UUID):
    with pytest.raises(Refused, match="still here"):
        ask(world, stay, "self_denial")
    tell_story(world, LEFT, first=9)
    case = ask(world, stay, "self_denial")
    hear(world, case)
    opine(world, case)
    find(world, case)

    ((subject, due, closed),) = owed("ST-SELFDENY")
    assert (subject, closed) == (str(case), None)
    assert due is not None and due.date().isoformat() in ("2027-03-05", "2027-03-06")
    claim(world, stay, "denial_filed", at=NOW + timedelta(days=30))
    assert owed("ST-SELFDENY")[0][2] == NOW + timedelta(days=30)
    assert owed("UR-NOTICE")[0][0] == str(case)


def test_a_continued_stay_that_is_not_necessary_starts_the_grace_days(world: World, stay: uuid.UUID):
    case = ask(world, stay, "continued_stay")
    hear(world, case)
    opine(world, case)
    find(world, case)
    assert owed("UR-GRACE") == []
    notify(world, case, "hospital")

    ((_, due, _),) = owed("UR-GRACE")
    assert due == datetime(2026, 3, 9, 4, 59, 59, tzinfo=UTC)  # notice Thu 5 Mar: payable through Sun 8 Mar


def test_striking_a_determination_out_takes_its_clocks_back(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    assert owed("UR-NOTICE")
    strike_case(world, case)

    assert owed("UR-NOTICE") == []
    assert state(case) == "struck_out"


def test_amending_keeps_the_earlier_version(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    with begin(world.viewer("paul").acting(Permission.DETERMINE), at=NOW + MINUTE) as work:
        determining.amend(work, case, AmendDetermination(rationale="Stable on room air since 20:00.", because="Time"))

    with reading(everywhere("test")) as view:
        said = view.values("select rationale from determination where determination_id = %s order by made_at", (case,))
    assert said[-2:] == ["Stable on room air.", "Stable on room air since 20:00."]
    with reading(everywhere("test"), as_of=NOW + MINUTE / 2) as then:
        assert cases(then, stay)[0].version.rationale == "Stable on room air."


def test_what_a_determination_rests_on_is_not_taken_away(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    heard = hear(world, case)
    given = opine(world, case)
    carla, uma = world.viewer("carla").acting(Permission.DETERMINE), world.viewer("uma").acting(Permission.STATUS_WORK)
    with begin(carla, at=NOW) as work, pytest.raises(Refused, match="Only the member who gave"):
        determining.strike_record(work, Opinion, given, Say(reason="Not mine"))
    find(world, case)
    with begin(uma, at=NOW) as work, pytest.raises(Refused, match="rests on this consultation"):
        determining.strike_record(work, Consult, heard, Say(reason="Wrong day"))
    (notice,) = notify(world, case, "patient")
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        determining.strike_record(work, DeterminationNotice, notice, Say(reason="Given to another"))
    notify(world, case, "patient")


def test_the_same_question_is_not_asked_twice_at_once(world: World, stay: uuid.UUID):
    ask(world, stay)

    with pytest.raises(Refused, match="asked this already"):
        ask(world, stay)


def test_a_struck_out_entry_of_the_care_team_lets_the_member_decide(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        entry = changing.name_team(work, stay, NameTeam(user_id=world.user["paul"])).id
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        changing.strike_record(work, CareTeamEntry, entry, Say(reason="Another patient"))

    opine(world, case)


def test_a_call_that_nobody_took_does_not_take_a_concurrence_away(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    hear(world, case, at=NOW - MINUTE)
    hear(world, case, "no_answer")

    with reading(everywhere("test")) as view:
        found = cases(view, stay)[0].concurrence
    assert found is not None and found.answer == "concurs"


def test_a_review_of_another_stay_does_not_lead_to_a_determination(world: World, stay: uuid.UUID):
    other = tell_story(world, ADMITTED.replace("A01 |", "A01 | visit E900 | patient 200 |"), first=20)
    wish = OpenDetermination(question=Question.ADMISSION, review_id=sign(world, other, ADMISSION, MET).review_id)
    with (
        pytest.raises(NotFound, match="no such review"),
        begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work,
    ):
        determining.open_determination(work, stay, wish)


def test_a_notice_that_is_struck_out_after_the_end_can_be_given_again(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    made = notify(world, case)
    shut(world, case)
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        determining.strike_record(work, DeterminationNotice, made[1], Say(reason="It went to another patient"))
    assert [closed for _, _, closed in owed("UR-NOTICE")] == [None]

    notify(world, case, "patient", at=NOW + 2 * MINUTE)

    assert [closed for _, _, closed in owed("UR-NOTICE")] == [NOW + 2 * MINUTE]
    assert state(case) == "closed"


def test_an_opinion_is_not_struck_out_from_under_a_finding_that_is_being_made(world: World, stay: uuid.UUID):
    """The member strikes the opinion out while another one determines: the finding stands on it, or is not made."""
    case = ask(world, stay)
    hear(world, case)
    opinion = opine(world, case)
    said: list[str] = []

    def strike() -> None:
        try:
            with begin(world.viewer("paul").acting(Permission.STATUS_WORK), at=NOW) as work:
                determining.strike_record(work, Opinion, opinion, Say(reason="I looked at another stay"))
        except Refused as refused:
            said.append(refused.sentence)

    rival = threading.Thread(target=strike)
    with begin(world.viewer("carla").acting(Permission.DETERMINE), at=NOW) as work:
        determining.determine(work, case, Determine(finding=Finding.NOT_NECESSARY, rationale="Stable on room air."))
        rival.start()
        wait_for_a_waiter(world.addresses)
    rival.join(20)

    assert said == [determining.CHANGED]
    with reading(everywhere("test")) as view:
        assert [one.ended_reason for one in cases(view, stay)[0].opinions] == [""]
