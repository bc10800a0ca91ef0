"""The words of what is charted of a long-term stay: weaning, wounds, therapy, conferences, transfers back."""

from enum import StrEnum


class WeaningState(StrEnum):
    """The letter of one calendar day on the weaning strip."""

    VENTILATED = "V"  # full ventilation
    TRIAL = "S"  # on the ventilator, with a breathing trial
    COLLAR = "T"  # trach collar for part of the day or all of it
    FREE = "F"  # off the ventilator, the whole day
    AWAY = "X"  # out of the hospital at the end of the day, as the census knows
    UNKNOWN = ""  # nobody recorded anything

    @property
    def word(self) -> str:
        """What the letter means, as hidden text says it."""
        return _STATES[self]


class Support(StrEnum):
    """What helped the patient to breathe on a day: the answer that one key gives."""

    VENTILATED = "ventilated"  # full ventilation
    TRIAL = "trial"  # ventilated, with a spontaneous breathing trial
    COLLAR = "collar"  # breathed on a trach collar for some hours
    FREE = "free"  # no invasive ventilation at all

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _SUPPORTS[self]


class Trial(StrEnum):
    """The spontaneous breathing trial of a day."""

    PASSED = "passed"  # tolerated for the time that was set
    FAILED = "failed"  # ended early
    NOT_DONE = "not_done"  # none was tried, with the reason

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"passed": "Passed", "failed": "Failed", "not_done": "Not tried"}[self.value]


class Outcome(StrEnum):
    """How weaning stands, or stood at discharge: LTCH quality reporting, ventilator liberation."""

    NEVER_VENTILATED = "never_ventilated"  # no day with invasive ventilation is recorded
    WEANING = "weaning"  # ventilated, and still here
    LIBERATED = "liberated"  # two or more calendar days in a row without invasive ventilation
    WEANED = "weaned"  # left after two or more such days
    DEPENDENT = "dependent"  # left with invasive ventilation
    UNKNOWN = "unknown"  # the days before the discharge are not recorded

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _OUTCOMES[self]


class WoundKind(StrEnum):
    """What kind of wound it is."""

    PRESSURE = "pressure"  # pressure injury, staged
    SURGICAL = "surgical"  # an incision that opened or heals slowly
    DIABETIC = "diabetic"  # ulcer of a diabetic foot
    VENOUS = "venous"  # venous ulcer of a leg
    ARTERIAL = "arterial"  # arterial ulcer of a leg
    OTHER = "other"  # burn, trauma, tumor, said in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _WOUNDS[self]


class Stage(StrEnum):
    """Stage of a pressure injury, in the usual numbering."""

    ONE = "1"  # skin is whole, redness stays
    TWO = "2"  # partial thickness
    THREE = "3"  # full thickness
    FOUR = "4"  # bone, tendon or muscle is seen
    UNSTAGEABLE = "unstageable"  # covered, so that the depth is not seen
    DEEP_TISSUE = "deep_tissue"  # deep tissue injury under skin that is whole

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"unstageable": "Unstageable", "deep_tissue": "Deep tissue"}.get(self.value, f"Stage {self.value}")


class Origin(StrEnum):
    """Whether a wound was there at admission."""

    PRESENT = "present"  # present on admission
    ACQUIRED = "acquired"  # arose in this hospital

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"present": "Present on admission", "acquired": "Acquired here"}[self.value]


class Discipline(StrEnum):
    """Therapy disciplines whose minutes are counted."""

    PT = "PT"  # physical therapy
    OT = "OT"  # occupational therapy
    SLP = "SLP"  # speech and swallowing
    RT = "RT"  # respiratory therapy

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"PT": "Physical (PT)", "OT": "Occupational (OT)", "SLP": "Speech (SLP)", "RT": "Respiratory (RT)"}[
            self.value
        ]


class GoalStatus(StrEnum):
    """How a goal of the team stands."""

    NEW = "new"  # set now
    ON_THE_WAY = "on_the_way"  # progress since the last conference
    STALLED = "stalled"  # no progress since the last conference
    MET = "met"  # reached
    DROPPED = "dropped"  # not pursued any more

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"new": "New", "on_the_way": "On the way", "stalled": "Stalled", "met": "Met", "dropped": "Dropped"}[
            self.value
        ]


class TransferReason(StrEnum):
    """Why a patient went back to an acute hospital."""

    RESPIRATORY = "respiratory"  # respiratory failure
    SEPSIS = "sepsis"  # infection with failing organs
    BLEEDING = "bleeding"  # bleeding
    CARDIAC = "cardiac"  # heart attack, arrhythmia, arrest
    NEUROLOGIC = "neurologic"  # stroke, seizure, change of consciousness
    KIDNEY = "kidney"  # kidneys or electrolytes beyond what is done here
    PROCEDURE = "procedure"  # surgery or a procedure that is not done here
    DEVICE = "device"  # airway, line or feeding tube that cannot be placed here
    WISH = "wish"  # wish of patient or family
    OTHER = "other"  # something else, said in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _REASONS[self]


class Preventability(StrEnum):
    """Whether better care could have spared the transfer, as whoever reviews it judges."""

    DEFINITELY_NOT = "definitely_not"  # nothing here could have changed it
    PROBABLY_NOT = "probably_not"  # hardly anything
    POSSIBLY = "possibly"  # earlier action might have
    PROBABLY = "probably"  # earlier action would likely have
    DEFINITELY = "definitely"  # should not have happened

    @property
    def label(self) -> str:
        """As a form shows it."""
        return self.value.replace("_", " ").capitalize()


class RecordKind(StrEnum):
    """What one record of a long-term stay is about."""

    WOUND = "wound"  # a wound: where, which kind, since when
    WOUND_CHECK = "wound_check"  # an assessment of a wound: stage and size
    CONFERENCE = "conference"  # the weekly conference of the disciplines
    VALIDATION = "validation"  # the admission criteria are met, or not: 42 U.S.C. 1395x(ccc)
    ORIENTATION = "orientation"  # the family was told how this hospital works, or why not
    TRANSFER = "transfer"  # went back to an acute hospital, and why

    @property
    def label(self) -> str:
        """As a heading and a flash show it."""
        return _KINDS[self]


_STATES = {
    WeaningState.VENTILATED: "full ventilation",
    WeaningState.TRIAL: "breathing trial",
    WeaningState.COLLAR: "trach collar",
    WeaningState.FREE: "off the ventilator",
    WeaningState.AWAY: "away",
    WeaningState.UNKNOWN: "not recorded",
}
_SUPPORTS = {
    Support.VENTILATED: "Full ventilation",
    Support.TRIAL: "Breathing trial",
    Support.COLLAR: "Trach collar",
    Support.FREE: "Off the ventilator",
}
_OUTCOMES = {
    Outcome.NEVER_VENTILATED: "No ventilation recorded",
    Outcome.WEANING: "Weaning",
    Outcome.LIBERATED: "Liberated",
    Outcome.WEANED: "Weaned at discharge",
    Outcome.DEPENDENT: "Ventilator-dependent at discharge",
    Outcome.UNKNOWN: "Not recorded before discharge",
}
_WOUNDS = {
    WoundKind.PRESSURE: "Pressure injury",
    WoundKind.SURGICAL: "Surgical wound",
    WoundKind.DIABETIC: "Diabetic foot ulcer",
    WoundKind.VENOUS: "Venous ulcer",
    WoundKind.ARTERIAL: "Arterial ulcer",
    WoundKind.OTHER: "Other wound",
}
_REASONS = {
    TransferReason.RESPIRATORY: "Respiratory failure",
    TransferReason.SEPSIS: "Sepsis",
    TransferReason.BLEEDING: "Bleeding",
    TransferReason.CARDIAC: "Heart",
    TransferReason.NEUROLOGIC: "Nervous system",
    TransferReason.KIDNEY: "Kidney or electrolytes",
    TransferReason.PROCEDURE: "Procedure not done here",
    TransferReason.DEVICE: "Airway, line or tube",
    TransferReason.WISH: "Wish of patient or family",
    TransferReason.OTHER: "Other",
}
_KINDS = {
    RecordKind.WOUND: "Wound",
    RecordKind.WOUND_CHECK: "Wound assessment",
    RecordKind.CONFERENCE: "Team conference",
    RecordKind.VALIDATION: "Validation of the admission",
    RecordKind.ORIENTATION: "Family orientation",
    RecordKind.TRANSFER: "Transfer back",
}
