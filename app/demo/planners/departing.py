"""The last day: teaching, the list of medicines, the checklist of the departure, the papers for the next place."""

from datetime import time, timedelta

from app.demo.planners.desk import Course, Desk
from app.discharge.departure.commands import SayItem, say_item
from app.discharge.departure.papers.commands import (
    ConfirmPacket,
    MakePacket,
    ReleasePacket,
    confirm_packet,
    make_packet,
    release_packet,
)
from app.discharge.departure.queries import checklist
from app.discharge.departure.rules import CLOSED_BY_EVIDENCE
from app.discharge.departure.terms import Channel, Item, ItemState
from app.discharge.teaching.commands import record_teaching
from app.discharge.teaching.forms import ListMedicine, NameCaregiver, StateGoal, TeachTopic
from app.discharge.teaching.terms import Change, Learner, Method, Strain, TeachBack
from app.discharge.terms import WITHOUT_PROVIDER
from app.platform.work import Work

_TAUGHT, _SAID, _CAREGIVER, _WITH_PAPERS, _CONFIRMED = 0.85, 0.9, 0.4, 0.5, 0.6
_TOPICS = (
    ("Weigh yourself every morning", "Two pounds in a day or five in a week: call."),
    ("Care of the wound", "Redness, pus or fever: call the same day."),
    ("Giving the injection", "Bleeding that does not stop: come back."),
    ("Using the inhaler", "Short of breath at rest: call 911."),
)
_MEDICINES = (
    ("Metoprolol", "25 mg twice a day", "Heart rate"), ("Apixaban", "5 mg twice a day", "Prevents clots"),
    ("Furosemide", "40 mg in the morning", "Water"), ("Amoxicillin", "500 mg three times a day", "Infection"),
    ("Lisinopril", "10 mg in the morning", "Blood pressure"), ("Acetaminophen", "650 mg when needed", "Pain"),
)  # fmt: skip
_WITH = {
    Item.APPOINTMENT: "Clinic of the family physician", Item.SUMMARY: "Family physician",
    Item.ACCEPTED: "Physician on call there", Item.CERTIFIED: "The attending",
}  # fmt: skip


class Departing:
    """Whoever prepares the departure of one patient."""

    def __init__(self, desk: Desk, course: Course) -> None:
        self._desk, self._course = desk, course
        self._luck = desk.luck("departure")

    def begin(self) -> None:
        """Teaching on the day before, the checklist and the papers on the day."""
        desk, left = self._desk, self._desk.subject.row.left_at
        if desk.subject.died or (left is None and self._course.ready_at is None):
            return
        end = left or self._course.ready_at
        assert end is not None, "one of both is known"
        taught = desk.slot(max(self._course.begins, end - timedelta(hours=self._luck.randint(20, 30))))
        last = desk.slot(max(self._course.begins, end - timedelta(hours=self._luck.randint(5, 9))))
        if self._luck.random() < _TAUGHT:
            desk.while_here(taught, desk.manager, self._teach)
        if left is not None:
            desk.while_here(max(last, desk.slot(taught)), desk.manager, self._check)

    def _teach(self, work: Work) -> None:
        stay, luck = self._desk.subject.id, self._luck
        topic, flags = luck.choice(_TOPICS)
        back = luck.choices((TeachBack.FULL, TeachBack.PARTLY, TeachBack.NOT_ASKED), (70, 20, 10))[0]
        record_teaching(work, stay, TeachTopic(topic=topic, red_flags=flags, method=Method.SPOKEN, teach_back=back,
                                               learner=Learner.BOTH if luck.random() < 0.3 else Learner.PATIENT,
                                               taught_by="Ward nurse"))  # fmt: skip
        for name, dose, purpose in luck.sample(_MEDICINES, luck.randint(2, 4)):
            record_teaching(work, stay, ListMedicine(name=name, dose=dose, purpose=purpose,
                                                     change=luck.choice(list(Change))))  # fmt: skip
        record_teaching(work, stay, StateGoal(goal="To walk to the mailbox again."))
        if luck.random() < _CAREGIVER:
            strain = luck.choices(list(Strain), (50, 30, 15, 5))[0]
            record_teaching(work, stay, NameCaregiver(name="Daughter", relation="Daughter", strain=strain))

    def _check(self, work: Work) -> None:
        for line in checklist(work, self._desk.subject.id).lines:
            one = line.standing
            if one.open and one.item not in CLOSED_BY_EVIDENCE and self._luck.random() < _SAID:
                say_item(work, self._desk.subject.id, self._words(work, one.item))
        if self._desk.recent and self._course.goes_to not in WITHOUT_PROVIDER and self._luck.random() < _WITH_PAPERS:
            self._send_papers(work)

    def _words(self, work: Work, item: Item) -> SayItem:
        if item is Item.EQUIPMENT:
            return SayItem(item=item, state=ItemState.NOT_NEEDED, reason="Nothing new is needed.")
        ask = SayItem(item=item, with_whom=_WITH.get(item, ""), done_by="Case management")
        if item is Item.APPOINTMENT:
            day = self._desk.subject.day(work.now) + timedelta(days=self._luck.randint(5, 12))
            ask = ask.model_copy(update={"planned_on": day, "planned_clock": time(10, 0)})
        return ask

    def _send_papers(self, work: Work) -> None:
        stay, recipient = self._desk.subject.id, "Admissions of the next place"
        made = make_packet(work, stay, MakePacket(recipient=recipient), "Case management").id
        sensitive = self._desk.subject.row.sensitive
        ask = ReleasePacket(recipient=recipient, channel=Channel.SECURE_MAIL, consented=sensitive,
                            reason="The missing part follows by telephone.")  # fmt: skip
        release_packet(work, made, ask)
        if self._luck.random() < _CONFIRMED:
            at = self._desk.slot(work.now + timedelta(hours=4))
            self._desk.add(at, self._desk.manager, lambda work: confirm_packet(work, made, ConfirmPacket()))
