"""What the walk through every page finds done: second readings, questions for physicians."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from app.advisor.commands import PutQuestion, SignAnswer, decide, escalate
from app.advisor.messages.commands import AskAttending, ask_attending
from app.advisor.talks.commands import AddSlot, add_slot
from app.advisor.terms import EscalationKind, Outcome, Reason
from app.kernel.days import local_day
from app.platform.now import now
from app.platform.work import begin
from app.reviews.commands import WriteReview, sign_review
from app.reviews.criteria.terms import ReviewKind
from app.reviews.sampling.commands import DrawSample, WriteReading, draw_sample, sign_reading, take
from app.reviews.sampling.queries import tasks_of_sample
from app.security.permissions import Permission
from tests.browser.conftest import Site
from tests.browser.journeys import stay_of


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
