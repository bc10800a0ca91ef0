"""The words of teaching and self-management: what was taught and shown back, medicines, caregivers, crisis plans."""

from enum import StrEnum


class RecordKind(StrEnum):
    """What one record of teaching is about."""

    TOPIC = "topic"  # something was taught, and shown or said back
    MEDICINE = "medicine"  # a medicine as the patient takes it after the stay
    CAREGIVER = "caregiver"  # somebody who helps, and what they can do
    CRISIS = "crisis"  # what to do when it gets worse, where behavioral health needs a plan
    GOAL = "goal"  # what matters to the patient, in own words
    HANDED_OVER = "handed_over"  # paper or another thing that the patient was given

    @property
    def label(self) -> str:
        """As a heading and a flash show it."""
        return _KINDS[self]


class Learner(StrEnum):
    """Who was taught."""

    PATIENT = "patient"  # the patient
    CAREGIVER = "caregiver"  # somebody who helps at home
    BOTH = "both"  # patient and caregiver together

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"patient": "Patient", "caregiver": "Caregiver", "both": "Both"}[self.value]


class Method(StrEnum):
    """How it was taught."""

    SPOKEN = "spoken"  # in a talk
    SHOWN = "shown"  # by demonstration
    PRINTED = "printed"  # with printed material
    VIDEO = "video"  # with a film

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"spoken": "Spoken", "shown": "Shown", "printed": "Printed", "video": "Film"}[self.value]


class TeachBack(StrEnum):
    """What the learner could say or show back."""

    FULL = "full"  # all of it, without help
    PARTLY = "partly"  # part of it, or with help
    NOT_YET = "not_yet"  # nothing of it yet
    DECLINED = "declined"  # the learner did not want to
    NOT_ASKED = "not_asked"  # nobody asked for it

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _TEACH_BACK[self]


class Change(StrEnum):
    """What the stay changed about a medicine."""

    NEW = "new"  # begun in this stay
    CHANGED = "changed"  # another dose or time than before
    SAME = "same"  # as before
    STOPPED = "stopped"  # not to be taken any more

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"new": "New", "changed": "Changed", "same": "As before", "stopped": "Stopped"}[self.value]


class Hindrance(StrEnum):
    """What keeps a patient from taking a medicine, or from paying for it."""

    COST = "cost"  # it costs more than the patient can pay
    SUPPLY = "supply"  # the pharmacy does not have it, or nobody can fetch it
    SWALLOWING = "swallowing"  # it cannot be swallowed, opened or seen
    MEMORY = "memory"  # it is forgotten, or the schedule is too hard
    DEVICE = "device"  # a device or needle cannot be handled
    WILL = "will"  # the patient does not want it
    OTHER = "other"  # something else, said in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _HINDRANCES[self]


class Strain(StrEnum):
    """How hard caring is for a caregiver, asked in one plain question: a scale of this house, not a published one."""

    NONE = "none"  # "I manage well"
    SOME = "some"  # "It is hard on some days"
    MUCH = "much"  # "It is hard on most days"
    TOO_MUCH = "too_much"  # "I cannot go on like this"

    @property
    def label(self) -> str:
        """The answer as the caregiver would give it."""
        return _STRAIN[self]


_KINDS = {
    RecordKind.TOPIC: "Teaching",
    RecordKind.MEDICINE: "Medicine",
    RecordKind.CAREGIVER: "Caregiver",
    RecordKind.CRISIS: "Crisis plan",
    RecordKind.GOAL: "Patient's own goal",
    RecordKind.HANDED_OVER: "Handed over",
}
_TEACH_BACK = {
    TeachBack.FULL: "Said or shown back in full",
    TeachBack.PARTLY: "Partly",
    TeachBack.NOT_YET: "Not yet",
    TeachBack.DECLINED: "Declined",
    TeachBack.NOT_ASKED: "Not asked",
}
_HINDRANCES = {
    Hindrance.COST: "Cost",
    Hindrance.SUPPLY: "Cannot be had or fetched",
    Hindrance.SWALLOWING: "Cannot be swallowed or opened",
    Hindrance.MEMORY: "Forgotten, or too many times a day",
    Hindrance.DEVICE: "Device or needle is too hard",
    Hindrance.WILL: "Patient does not want it",
    Hindrance.OTHER: "Other",
}
_STRAIN = {
    Strain.NONE: "Manages well",
    Strain.SOME: "Hard on some days",
    Strain.MUCH: "Hard on most days",
    Strain.TOO_MUCH: "Cannot go on like this",
}
