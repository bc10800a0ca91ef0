"""The words of asking a physician advisor: questions, the ladder they climb, decisions and their reasons."""

from enum import StrEnum


class EscalationKind(StrEnum):
    """What the question is about."""

    STATUS_QUESTION = "status_question"  # inpatient or observation
    CONTINUED_STAY = "continued_stay"  # whether the days from now on need this level of care
    CONCURRENT_DENIAL = "concurrent_denial"  # a payer denied while the patient is here; a peer-to-peer talk may follow
    LONG_STAY = "long_stay"  # a stay far past what was expected, without a way out
    QUALITY_OF_PLAN = "quality_of_plan"  # the plan of care or of discharge is missing, unclear or not followed

    @property
    def label(self) -> str:
        """As a chip and a form show it."""
        return {"concurrent_denial": "Concurrent denial", "quality_of_plan": "Plan of care"}.get(
            self.value, self.value.replace("_", " ").capitalize()
        )


class Rung(StrEnum):
    """A step of the ladder: who owes the answer. The order is the order of the ladder."""

    CASE_MANAGER = "case_manager"  # the nurse or social worker who plans the discharge
    LEAD = "lead"  # leads the shift
    PHYSICIAN_ADVISOR = "physician_advisor"  # decides on medical necessity
    CHIEF_MEDICAL_OFFICER = "chief_medical_officer"  # the last step

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ").capitalize()


class EscalationState(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"  # somebody of the present rung owes the answer
    RETURNED = "returned"  # more is asked from whoever asked; no rung owes anything
    WITH_ATTENDING = "with_attending"  # the attending physician was asked first
    TALK = "talk"  # a peer-to-peer talk is to be held before it is answered
    DECIDED = "decided"  # answered and signed
    WITHDRAWN = "withdrawn"  # not needed any more
    STRUCK_OUT = "struck_out"  # asked by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class EscalationAction(StrEnum):
    """What may happen to a question. `ask` makes it."""

    ASK = "ask"  # put the question
    RISE = "rise"  # move it to the next rung, by its timer or by hand
    TAKE = "take"  # say that oneself will answer
    HAND_OVER = "hand_over"  # give what one has taken to a colleague, or back to all of the rung
    RETURN = "return"  # ask whoever asked for more
    ANSWER_BACK = "answer_back"  # give what was asked for
    ASK_ATTENDING = "ask_attending"  # send a message to the attending physician
    HEAR_ATTENDING = "hear_attending"  # the attending physician answered, or will not
    PLAN_TALK = "plan_talk"  # speak with the payer's physician first
    DECIDE = "decide"  # answer and sign
    AMEND = "amend"  # correct a signed answer, with a reason
    STRIKE_DECISION = "strike_decision"  # say that the answer was signed by mistake; the question is open again
    WITHDRAW = "withdraw"  # say that the question is not needed any more
    STRIKE_OUT = "strike_out"  # say that it was asked by mistake


class Outcome(StrEnum):
    """What a physician advisor answers. The first three of a card are on keys."""

    INPATIENT_SUPPORTED = "inpatient_supported"  # this level of care is supported
    OBSERVATION_APPROPRIATE = "observation_appropriate"  # outpatient care with observation would be enough
    DISCHARGE_APPROPRIATE = "discharge_appropriate"  # hospital care is not needed any more
    KEEP_PLAN = "keep_plan"  # the plan stands
    CHANGE_PLAN = "change_plan"  # the plan is to be changed as the rationale says
    OVERTURNED = "overturned"  # the payer takes the denial back
    PARTLY = "partly"  # the payer takes part of it back
    UPHELD = "upheld"  # the denial stands
    NOT_HELD = "not_held"  # no talk took place
    MORE_INFORMATION = "more_information"  # asked back; answers nothing yet
    ASK_ATTENDING = "ask_attending"  # the attending is asked; answers nothing yet
    PEER_TO_PEER = "peer_to_peer"  # a talk with the payer's physician comes first; answers nothing yet

    @property
    def label(self) -> str:
        """As a card shows it."""
        return _OUTCOMES.get(self, self.value.replace("_", " ").capitalize())


class Reason(StrEnum):
    """Why a physician advisor answers so."""

    TWO_MIDNIGHTS_EXPECTED = "two_midnights_expected"  # expectation of two midnights is documented: 42 CFR 412.3(d)(1)
    TWO_MIDNIGHTS_PASSED = "two_midnights_passed"  # two medically necessary midnights have passed
    CASE_BY_CASE = "case_by_case"  # exception on the physician's judgment: 42 CFR 412.3(d)(3)
    RISK_DOCUMENTED = "risk_documented"  # risk of an adverse event is documented
    ACUTE_NEED = "acute_need"  # needs that only this level of care meets
    NO_SAFE_LOWER_LEVEL = "no_safe_lower_level"  # a lower level is not safe or not to be had
    CONVENIENCE = "convenience"  # a midnight passed for convenience or delay
    DISCHARGE_TODAY = "discharge_today"  # departure is expected today
    NEED_NOT_DOCUMENTED = "need_not_documented"  # the record does not show the need
    LOWER_LEVEL_SAFE = "lower_level_safe"  # a lower level of care would be safe
    STABLE = "stable"  # clinically stable for departure
    HEARING_FIXED = "hearing_fixed"  # the date of a court or agency is fixed
    FAMILY_FORWARD = "family_forward"  # family or a surrogate has come forward
    PLAN_SOUND = "plan_sound"  # the plan fits the patient
    LEGAL_STEP = "legal_step"  # guardianship or another legal step is needed
    TEAM_CONFERENCE = "team_conference"  # the team has to meet over it
    PAYER_CRITERIA = "payer_criteria"  # the payer misapplied its criteria
    NEW_FACTS = "new_facts"  # facts that the payer had not seen
    NO_NEW_FACTS = "no_new_facts"  # nothing to say that the payer had not seen
    PHYSICIAN_UNREACHABLE = "physician_unreachable"  # the payer's physician could not be reached
    NOT_WORTH_CALLING = "not_worth_calling"  # a talk would change nothing
    ATTENDING_CALLS = "attending_calls"  # the attending holds the talk
    WINDOW_MISSED = "window_missed"  # the payer's time for a talk is over
    PLAN_CANNOT_CHANGE = "plan_cannot_change"  # this plan changes no denial after its letter: 42 CFR 422.138(c)
    DOCUMENT_EXPECTATION = "document_expectation"  # asks that the expectation be written down
    CLARIFY_PLAN = "clarify_plan"  # asks what the plan of discharge is
    CALL_ME = "call_me"  # asks for a call
    CLINICAL_FACTS = "clinical_facts"  # asks for results, notes or orders
    PAYER_LETTER = "payer_letter"  # asks for the payer's words
    BEFORE_LETTER = "before_letter"  # the payer still takes a talk before its letter
    OTHER = "other"  # said in the rationale

    @property
    def label(self) -> str:
        """As a card shows it."""
        return _REASONS.get(self, self.value.replace("_", " ").capitalize())


class PayerReason(StrEnum):
    """Why a payer denied, in few words that can be counted."""

    LEVEL_OF_CARE = "level_of_care"  # inpatient denied, observation paid
    NOT_NECESSARY = "not_necessary"  # days that the payer thinks not necessary
    DELAY = "delay"  # days lost to a delay in care or discharge
    NO_AUTHORIZATION = "no_authorization"  # no authorization was asked, or not in time
    NO_INFORMATION = "no_information"  # the payer says that it had no clinical information
    OTHER = "other"  # anything else

    @property
    def label(self) -> str:
        """As a form and a table show it."""
        return self.value.replace("_", " ").capitalize()


class AttendingAnswer(StrEnum):
    """What an attending physician answers to a message."""

    AGREE = "agree"  # agrees with what is proposed
    WILL_DOCUMENT = "will_document"  # will write down what is missing
    WILL_DISCHARGE = "will_discharge"  # will discharge the patient
    DISAGREE = "disagree"  # does not agree; a determination then needs two members: 42 CFR 482.30(d)(1)

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"agree": "I agree", "will_document": "I will document it", "will_discharge": "I will discharge",
                "disagree": "I disagree"}[self.value]  # fmt: skip


class AnswerChannel(StrEnum):
    """How the answer of an attending physician came."""

    SIGNED_IN = "signed_in"  # by the attending, signed in
    LINK = "link"  # through the link to this one message
    TELEPHONE = "telephone"  # told by telephone, recorded by whoever asked

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"signed_in": "signed in", "link": "through the link", "telephone": "told by telephone"}[self.value]


_OUTCOMES = {Outcome.NOT_HELD: "No talk held", Outcome.PARTLY: "Partly overturned"}
_REASONS = {
    Reason.TWO_MIDNIGHTS_EXPECTED: "Two-midnight expectation documented",
    Reason.TWO_MIDNIGHTS_PASSED: "Two necessary midnights passed",
    Reason.CASE_BY_CASE: "Case-by-case exception",
    Reason.RISK_DOCUMENTED: "Risk of adverse event documented",
    Reason.ACUTE_NEED: "Acute need shown",
    Reason.NO_SAFE_LOWER_LEVEL: "Lower level not available and safe",
    Reason.CONVENIENCE: "A midnight was for convenience",
    Reason.DISCHARGE_TODAY: "Discharge expected today",
    Reason.LOWER_LEVEL_SAFE: "Lower level was safe",
    Reason.STABLE: "Stable for discharge",
    Reason.HEARING_FIXED: "Hearing date fixed",
    Reason.FAMILY_FORWARD: "Family has come forward",
    Reason.LEGAL_STEP: "Legal step needed",
    Reason.PAYER_CRITERIA: "Payer criteria misapplied",
    Reason.NEW_FACTS: "New facts told",
    Reason.PHYSICIAN_UNREACHABLE: "Payer physician unreachable",
    Reason.ATTENDING_CALLS: "Attending will call",
    Reason.PLAN_CANNOT_CHANGE: "Plan cannot change it after its letter",
    Reason.OTHER: "Other, as said below",
}
