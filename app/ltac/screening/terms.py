"""The words of referrals to a long-term hospital: where one stands, what was told, what becomes of it."""

from enum import StrEnum


class ReferralState(StrEnum):
    """Where a referral to the long-term hospital stands."""

    RECEIVED = "received"  # it came in; nobody has screened it
    SCREENING = "screening"  # somebody is collecting what the decision needs
    ACCEPTED = "accepted"  # a bed was offered; the patient has not come
    DECLINED = "declined"  # the hospital does not take the patient, for a reason
    WITHDRAWN = "withdrawn"  # the referrer took it back
    LOST = "lost"  # the patient went to another long-term hospital
    ADMITTED = "admitted"  # the patient is a stay of this hospital

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self in (ReferralState.RECEIVED, ReferralState.SCREENING, ReferralState.ACCEPTED)

    @property
    def waits(self) -> bool:
        """Whether the referrer still waits for an answer."""
        return self in (ReferralState.RECEIVED, ReferralState.SCREENING)


class ReferralAction(StrEnum):
    """What may happen to a referral."""

    SCREEN = "screen"  # somebody records what was told
    ACCEPT = "accept"  # offer a bed
    DECLINE = "decline"  # say no, with a reason
    WITHDRAW = "withdraw"  # the referrer takes it back
    LOSE = "lose"  # another hospital takes the patient
    REOPEN = "reopen"  # the answer does not hold any more
    ADMIT = "admit"  # the patient came
    UNLINK = "unlink"  # the stay turned out to be another one


class Need(StrEnum):
    """Why the patient needs a long-term hospital."""

    VENTILATOR = "ventilator"  # weaning from the ventilator, or lasting ventilation
    WOUND = "wound"  # wounds that need daily skilled care
    DIALYSIS = "dialysis"  # dialysis beside other needs
    IV_THERAPY = "iv_therapy"  # weeks of therapy through a vein
    COMPLEX = "complex"  # several conditions that a physician has to see daily

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"iv_therapy": "IV therapy", "complex": "Complex medical"}.get(self.value, self.value.capitalize())


class Told(StrEnum):
    """What the referrer said to a question of yes or no."""

    UNKNOWN = ""  # nobody has told it
    YES = "yes"  # so it is
    NO = "no"  # so it is not

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"": "not told", "yes": "yes", "no": "no"}[self.value]


class Sex(StrEnum):
    """Sex as the referrer writes it."""

    UNKNOWN = ""  # not told
    FEMALE = "F"  # female
    MALE = "M"  # male

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"": "not told", "F": "female", "M": "male"}[self.value]


class DaysSource(StrEnum):
    """Where the days in intensive care come from."""

    TOLD = "told"  # the referrer named them
    ADT = "adt"  # counted from the movements of a hospital of this installation


class Rate(StrEnum):
    """What the evidence says of the payment rate. 42 CFR 412.522."""

    STANDARD = "standard"  # every condition of the standard rate has its evidence
    AT_RISK = "at_risk"  # something is missing, or may still come
    SITE_NEUTRAL = "site_neutral"  # the facts show that a condition is not met
    NOT_MEDICARE = "not_medicare"  # original Medicare does not pay, so that the rule does not apply

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"standard": "standard rate, evidence complete", "at_risk": "at risk", "site_neutral": "site-neutral",
                "not_medicare": "not original Medicare"}[self.value]  # fmt: skip


class Advice(StrEnum):
    """What the screener recommends."""

    NONE = ""  # nothing yet
    ACCEPT = "accept"  # take the patient
    ASK = "ask"  # ask for what is missing first
    DECLINE = "decline"  # do not take the patient

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"": "not yet", "accept": "accept", "ask": "ask for more", "decline": "decline"}[self.value]


class PayerState(StrEnum):
    """Where the payer's authorization of the admission stands."""

    ASKED = "asked"  # asked for, no answer yet
    APPROVED = "approved"  # the payer agrees, with a number
    DENIED = "denied"  # the payer refuses
    NOT_REQUIRED = "not_required"  # the payer asks for none

    @property
    def label(self) -> str:
        """As a form shows it."""
        return self.value.replace("_", " ").capitalize()


class DeclineReason(StrEnum):
    """Why the hospital does not take the patient."""

    NO_BED = "no_bed"  # no bed of the right kind in time
    LOWER_LEVEL = "lower_level"  # does not need a hospital every day
    UNSTABLE = "unstable"  # too ill to leave the acute hospital
    CAPABILITY = "capability"  # needs what this hospital cannot give
    EVIDENCE = "evidence"  # evidence for the standard rate is missing
    PAYER = "payer"  # the payer denied, or does not contract
    BENEFIT_DAYS = "benefit_days"  # too few days of the benefit are left
    RECORDS = "records"  # the records that were asked for never came
    OTHER = "other"  # something else, in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _DECLINED[self]


class EndReason(StrEnum):
    """Why the referrer took a referral back."""

    BETTER = "better"  # the patient needs less
    WORSE = "worse"  # the patient cannot leave the acute hospital
    DIED = "died"  # the patient died
    CHOICE = "choice"  # patient or family want something else
    OTHER = "other"  # something else, in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"better": "Needs less by now", "worse": "Cannot leave the hospital", "died": "Died",
                "choice": "Patient or family decided otherwise", "other": "Other, in words"}[self.value]  # fmt: skip


_DECLINED = {
    DeclineReason.NO_BED: "No bed in time",
    DeclineReason.LOWER_LEVEL: "Does not need a hospital every day",
    DeclineReason.UNSTABLE: "Too ill to leave the acute hospital",
    DeclineReason.CAPABILITY: "Needs what we cannot give",
    DeclineReason.EVIDENCE: "Evidence for the standard rate is missing",
    DeclineReason.PAYER: "Payer denied or has no contract",
    DeclineReason.BENEFIT_DAYS: "Too few benefit days",
    DeclineReason.RECORDS: "Records never came",
    DeclineReason.OTHER: "Other, in words",
}


class Figure(StrEnum):
    """What is counted of the referrals of a referring hospital."""

    REFERRALS = "referrals"  # all that came in
    ACCEPTED = "accepted"  # a bed was offered, and the offer stands or was taken
    DECLINED = "declined"  # the hospital said no
    ADMITTED = "admitted"  # the patient came
    ANSWERED = "answered"  # accepted or declined at some time: for the hours to the answer
    EVIDENCE = "evidence"  # original Medicare pays, and the evidence for the standard rate is complete
    MEDICARE = "medicare"  # original Medicare pays, or nobody has told who does

    @property
    def label(self) -> str:
        """As a list is headed."""
        return {"answered": "accepted or declined", "evidence": "with complete evidence",
                "medicare": "to which Medicare's rates apply"}.get(self.value, self.value)  # fmt: skip
