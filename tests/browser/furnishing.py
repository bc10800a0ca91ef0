"""What the walk through every page finds done: second readings, questions for physicians."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from app.advisor.commands import PutQuestion, SignAnswer, decide, escalate
from app.advisor.messages.commands import AskAttending, ask_attending
from app.advisor.talks.commands import AddSlot, add_slot
from app.advisor.terms import EscalationKind, Outcome, Reason
from app.census.stay.marks import MarkStay, mark_stay
from app.clocks.terms import NoticeKind
from app.kernel.days import local_day
from app.notices.appeals.commands import AskAppeal, ask_appeal
from app.notices.commands import DeliverNotice, deliver_notice
from app.notices.terms import Receipt
from app.platform.now import now
from app.platform.work import begin, everywhere
from app.reviews.commands import WriteReview, sign_review
from app.reviews.criteria.terms import ReviewKind
from app.reviews.sampling.commands import DrawSample, WriteReading, draw_sample, sign_reading, take
from app.reviews.sampling.queries import tasks_of_sample
from app.security.permissions import Permission
from app.worklists.assignment.bulk import give_selected
from app.worklists.assignment.cover.commands import MarkAbsent, mark_absent
from app.worklists.assignment.rulebook.commands import DescribeRule, add_rule
from app.worklists.days.commands import build_day
from app.worklists.notes.commands import WriteNote, write_note
from tests.browser.conftest import Site
from tests.browser.journeys import CENSUS, Ward, stay_of
from tests.status.support import worked_on
from tests.support.census_files import reconciliation
from tests.support.glass import filled
from tests.support.hl7 import Sender


def read_again(site: Site) -> None:
    """The review of V2 and another one are drawn; the first is read a second time, the other is being read."""
    stay = stay_of("V3")
    today = local_day(now(), ZoneInfo("America/Chicago"))
    with begin(site.world.viewer("dana").acting(Permission.REVIEW_WRITE)) as work:
        sign_review(work, stay, WriteReview(kind=ReviewKind.CONTINUED_STAY, for_day=today, criteria="aep_day 2",
                                            points=["D13"]))  # fmt: skip
    with begin(site.world.viewer("lee").acting(Permission.REVIEW_SAMPLE)) as work:
        ask = DrawSample(first_day=today, last_day=today, percent=100)
        drawn = draw_sample(work, site.world.facility["NORTH"], ask)
        tasks = {one.encounter_id: one.id for one in tasks_of_sample(work, drawn.id)}
    with begin(site.world.viewer("lee").acting(Permission.REVIEW_WRITE)) as work:
        take(work, tasks[stay_of("V2")])
        sign_reading(work, tasks[stay_of("V2")], WriteReading(points=["A12"]))
    with begin(site.world.viewer("uma").acting(Permission.REVIEW_WRITE)) as work:
        take(work, tasks[stay])


def ask_physicians(site: Site) -> None:
    """A question for a talk with its time, one that is answered, and a message to the attending."""
    stay, soon = stay_of("V2"), now() + timedelta(days=1)
    with begin(site.world.viewer("dana").acting(Permission.ESCALATE)) as work:
        denial = PutQuestion(kind=EscalationKind.CONCURRENT_DENIAL, question="Is the denial to be taken up?")
        talk = escalate(work, stay, denial).escalation_id
        add_slot(work, talk, AddSlot(on=soon.date(), at=time(10, 30)))
        status = PutQuestion(kind=EscalationKind.STATUS_QUESTION, question="Is the status supported?")
        answered = escalate(work, stay, status).escalation_id
        ask_attending(work, stay, AskAttending(question="Will you write the expectation down?"))
    with begin(site.world.viewer("paul").acting(Permission.DECIDE)) as work:
        decide(work, answered, SignAnswer(outcome=Outcome.INPATIENT_SUPPORTED, reason=Reason.ACUTE_NEED))


def distribute(site: Site) -> None:
    """A rule, a colleague who is away with a stay, and a stay of another one."""
    day = now().date()
    with begin(site.world.viewer("lee")) as work:
        north, people = site.world.facility["NORTH"], site.world.user
        add_rule(work, north, DescribeRule(name="West", units=["4W"], people=[people["dana"], people["uma"]]))
        mark_absent(work, north, MarkAbsent(user_id=people["sol"], first_day=day, last_day=day + timedelta(days=3)))
        give_selected(work, [stay_of("V1")], people["sol"])
        give_selected(work, [stay_of("V2"), stay_of("V3")], people["dana"])


def furnish(site: Site) -> Site:
    """A hospital with something on every page: notes, a protected stay, glass broken, a message set aside."""
    ward = Ward()
    ward.admit(*CENSUS)
    ward.send(Sender(facility="EAST", prefix="E").admit("E1", "ME1"))
    distribute(site)
    reconciliation(site.world)
    dana = site.world.viewer("dana")
    with begin(dana) as work:
        deliver_notice(work, stay_of("V2"), DeliverNotice(kind=NoticeKind.DND, receipt=Receipt.UNSIGNED))
        ask_appeal(work, stay_of("V2"), AskAppeal())
        began = work.value("select start_at from encounter where id = %s", (stay_of("V2"),))
        day = local_day(began, ZoneInfo("America/Chicago"))
        criteria, said = "aep_admission 2", "Oxygen by mask.\n\nLives alone."
        sign_review(work, stay_of("V2"), WriteReview(kind=ReviewKind.ADMISSION, for_day=day, criteria=criteria,
                                                     points=["A12"], summary=said))  # fmt: skip
        write_note(work, stay_of("V2"), WriteNote(text="Daughter brings the papers on Friday.", pinned=True))
    with begin(everywhere("test")) as work:
        for visit in ("V4", "V5"):
            mark_stay(work, stay_of(visit), MarkStay(sensitivity="vip", reason="asked for by the patient"))
        build_day(work, site.world.facility["NORTH"], local_day(work.now, ZoneInfo("America/Chicago")))
    read_again(site)
    ask_physicians(site)
    worked_on(site.world, stay_of("V2"), now())
    given = filled(site.world, "dana", "")
    page = site.open("dana", f"/encounters/{stay_of('V5')}/glass")
    page.get_by_label("Reason", exact=True).select_option(given["code"])
    page.get_by_label("Your password").fill(given["proof"])
    page.get_by_label("Why do you need this stay?").fill("Discharge planning asked for by the attending.")
    page.get_by_role("button", name="Open for 4 hours").click()
    return site
