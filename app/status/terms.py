"""The words of status: what a committee determines, how it is asked and told, and how a stay changes its status."""

from enum import StrEnum


class Question(StrEnum):
    """What the committee is asked about. 42 CFR 482.30(d)."""

    ADMISSION = "admission"  # whether the inpatient admission was necessary; condition code 44 may follow
    CONTINUED_STAY = "continued_stay"  # whether further days are necessary
    SELF_DENIAL = "self_denial"  # after discharge: whether the admission was necessary

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _QUESTIONS[self]


class DeterminationState(StrEnum):
    """Where a determination stands."""

    NOT_OPENED = "not_opened"  # nobody has asked the committee
    OPEN = "open"  # the practitioner is consulted, members give their opinions
    DETERMINED = "determined"  # found not necessary; hospital, patient and practitioner are being told
    CLOSED = "closed"  # all were told, or an exception is documented, or the care was found necessary
    WITHDRAWN = "withdrawn"  # not needed any more
    STRUCK_OUT = "struck_out"  # opened or made by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ").capitalize()


class DeterminationAction(StrEnum):
    """What may happen to a determination."""

    OPEN = "open"  # ask the committee
    CONSULT = "consult"  # try to hear the responsible practitioner
    GIVE_OPINION = "give_opinion"  # a member says what they find
    FIND_NOT_NECESSARY = "find_not_necessary"  # determine that the care is not necessary
    FIND_NECESSARY = "find_necessary"  # end with the care found necessary
    NOTIFY = "notify"  # tell one of the three in writing
    CLOSE = "close"  # end after everybody was told
    AMEND = "amend"  # correct the rationale, with a reason
    WITHDRAW = "withdraw"  # end without a finding
    STRIKE_OUT = "strike_out"  # say that it was a mistake


class Finding(StrEnum):
    """What a member, or the committee, finds."""

    NECESSARY = "necessary"  # the admission or the stay is medically necessary
    NOT_NECESSARY = "not_necessary"  # it is not

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"necessary": "Medically necessary", "not_necessary": "Not medically necessary"}[self.value]


class Answer(StrEnum):
    """What came of an attempt to hear a practitioner."""

    CONCURS = "concurs"  # agrees that the care is not necessary
    DISAGREES = "disagrees"  # presents views against it
    NO_ANSWER = "no_answer"  # was not reached, or gave no views

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"concurs": "Concurs", "disagrees": "Disagrees", "no_answer": "No answer"}[self.value]


class Part(StrEnum):
    """In which capacity a practitioner is asked."""

    RESPONSIBLE = "responsible"  # responsible for the patient's care: must be heard before a determination
    OTHER = "other"  # another physician, whose concurrence a change of status may rest on

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"responsible": "Responsible for the care", "other": "Another physician"}[self.value]


class Channel(StrEnum):
    """By which way somebody was asked or told."""

    IN_PERSON = "in_person"  # face to face
    TELEPHONE = "telephone"  # spoken by telephone
    PAGE = "page"  # paged
    MESSAGE = "message"  # secure message
    LETTER = "letter"  # in writing, by hand or mail
    ELECTRONIC = "electronic"  # in writing, in the record or a portal

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _CHANNELS[self]


ASKED_BY = (Channel.PAGE, Channel.TELEPHONE, Channel.IN_PERSON, Channel.MESSAGE)
TOLD_BY = (Channel.LETTER, Channel.ELECTRONIC)
"""Notices of a determination are written. 42 CFR 482.30(d)(3)."""


class Told(StrEnum):
    """Who is told in writing of a determination. 42 CFR 482.30(d)(3)."""

    HOSPITAL = "hospital"  # the hospital's administration
    PATIENT = "patient"  # the patient, with what it means for the bill
    PRACTITIONER = "practitioner"  # who is responsible for the care

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.capitalize()


class Degree(StrEnum):
    """What makes somebody eligible for the committee. 42 CFR 482.30(b), 482.12(c)(1). Nurses are no members."""

    MD = "md"  # doctor of medicine
    DO = "do"  # doctor of osteopathy
    DENTIST = "dentist"  # doctor of dental surgery or medicine
    PODIATRIST = "podiatrist"  # doctor of podiatric medicine
    OPTOMETRIST = "optometrist"  # doctor of optometry
    CHIROPRACTOR = "chiropractor"  # chiropractor
    PSYCHOLOGIST = "psychologist"  # clinical psychologist

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.upper() if self in (Degree.MD, Degree.DO) else self.value.capitalize()


class Basis(StrEnum):
    """On what an inpatient order rests. 42 CFR 412.3(d)."""

    TWO_MIDNIGHTS = "two_midnights"  # hospital care across two midnights is expected: (d)(1)
    CASE_BY_CASE = "case_by_case"  # fewer are expected, the physician's judgment and the record support it: (d)(3)
    INPATIENT_ONLY = "inpatient_only"  # the procedure is paid for inpatients only: (d)(2)

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _BASES[self]


class CutShort(StrEnum):
    """What ended a stay sooner than could be expected. 42 CFR 412.3(d)(1)(ii)."""

    NO = ""  # nothing did
    DEATH = "death"  # the patient died
    TRANSFER = "transfer"  # unforeseen transfer to another hospital
    AGAINST_ADVICE = "against_advice"  # left against medical advice
    RECOVERY = "recovery"  # improved unexpectedly fast
    HOSPICE = "hospice"  # chose hospice care

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _CUTS[self]


class ChangeKind(StrEnum):
    """A change of status that the hospital works towards. The class itself changes by registration's message only."""

    TO_INPATIENT = "to_inpatient"  # from observation to inpatient, by order
    CONDITION_44 = "condition_44"  # from inpatient to outpatient before discharge: condition code 44

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"to_inpatient": "Observation to inpatient", "condition_44": "Condition code 44"}[self.value]


class ChangeState(StrEnum):
    """Where a change of status stands."""

    NOT_BEGUN = "not_begun"  # nobody works towards it
    OPEN = "open"  # its conditions are being met
    COMPLETED = "completed"  # all conditions held; registration is asked to send the change
    WITHDRAWN = "withdrawn"  # given up
    STRUCK_OUT = "struck_out"  # completed by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ").capitalize()


class ChangeAction(StrEnum):
    """What may happen to a change of status."""

    BEGIN = "begin"  # work towards it
    COMPLETE = "complete"  # all its conditions hold
    WITHDRAW = "withdraw"  # give it up
    STRIKE_OUT = "strike_out"  # say that completing it was a mistake


class StatusState(StrEnum):
    """Where a stay stands as to its status."""

    OUTPATIENT = "outpatient"  # emergency department or clinic
    OBSERVATION = "observation"  # outpatient under observation
    INPATIENT = "inpatient"  # formally admitted
    CHANGED_BACK = "changed_back"  # inpatient made outpatient under condition code 44
    DISCHARGED = "discharged"  # left
    SELF_DENIED = "self_denied"  # left as an inpatient, and the committee found the admission not necessary

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _STATES[self]


class StatusAction(StrEnum):
    """What moves a stay to another status."""

    OBSERVE = "observe"  # order of observation services
    ADMIT = "admit"  # inpatient order
    CHANGE_BACK = "change_back"  # condition code 44
    DISCHARGE = "discharge"  # the patient leaves
    SELF_DENY = "self_deny"  # determination after discharge


class Statement(StrEnum):
    """What somebody said of the inpatient claim."""

    NOT_SUBMITTED = "not_submitted"  # the hospital has not sent the inpatient claim
    SUBMITTED = "submitted"  # it has
    DENIAL_FILED = "denial_filed"  # the claims of a self-denial were sent

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _STATEMENTS[self]


_QUESTIONS = {
    Question.ADMISSION: "Was the inpatient admission necessary?",
    Question.CONTINUED_STAY: "Are further days in the hospital necessary?",
    Question.SELF_DENIAL: "After discharge: was the inpatient admission necessary?",
}
_CHANNELS = {
    Channel.IN_PERSON: "In person", Channel.TELEPHONE: "Telephone", Channel.PAGE: "Paged", Channel.MESSAGE: "Message",
    Channel.LETTER: "Letter", Channel.ELECTRONIC: "Electronically",
}  # fmt: skip
_BASES = {
    Basis.TWO_MIDNIGHTS: "Two midnights are expected",
    Basis.CASE_BY_CASE: "Case-by-case exception",
    Basis.INPATIENT_ONLY: "Inpatient-only procedure",
}
_CUTS = {
    CutShort.NO: "No", CutShort.DEATH: "Death", CutShort.TRANSFER: "Unforeseen transfer",
    CutShort.AGAINST_ADVICE: "Left against medical advice", CutShort.RECOVERY: "Unexpected fast recovery",
    CutShort.HOSPICE: "Hospice chosen",
}  # fmt: skip
_STATES = {
    StatusState.OUTPATIENT: "Outpatient", StatusState.OBSERVATION: "Observation", StatusState.INPATIENT: "Inpatient",
    StatusState.CHANGED_BACK: "Outpatient under condition code 44", StatusState.DISCHARGED: "Discharged",
    StatusState.SELF_DENIED: "Self-denied after discharge",
}  # fmt: skip
_STATEMENTS = {
    Statement.NOT_SUBMITTED: "The inpatient claim was not submitted",
    Statement.SUBMITTED: "The inpatient claim was submitted",
    Statement.DENIAL_FILED: "The claims of the self-denial were filed",
}
