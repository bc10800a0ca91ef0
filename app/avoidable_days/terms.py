"""The words of avoidable days: phases, weights, parties, and what may happen to an entry, a draft, a reason."""

from datetime import timedelta
from enum import StrEnum

LOCK_AFTER = timedelta(days=30)
"""How long after its midnight an entry may be changed like any other record."""
UNDETERMINED = "OT-03"  # reason not yet determined; to be recoded after seven days
UNDETERMINED_FOR = timedelta(days=7)
OTHER = "OT-98"  # needs a text
APPEAL = "SL-07"  # an appeal of the patient to the QIO is pending: the hold


class Phase(StrEnum):
    """Before or after the patient was medically ready. The two are never mixed in one rate."""

    PRE_READY = "pre_ready"  # throughput: waiting for a service while still acute
    POST_READY = "post_ready"  # discharge: ready, and still here at the midnight

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"pre_ready": "Before medically ready", "post_ready": "After medically ready"}[self.value]


class Weight(StrEnum):
    """Whether a reason counts for the day, or is named beside the one that does."""

    PRIMARY = "primary"  # the one reason to which the whole day is attributed
    CONTRIBUTING = "contributing"  # named beside it, with weight 0; at most two

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"primary": "Primary reason", "contributing": "Contributing, counts 0"}[self.value]


class Controllable(StrEnum):
    """Whether the hospital could have prevented the loss."""

    YES = "Y"  # by the hospital alone
    NO = "N"  # by nobody in the hospital
    PARTLY = "P"  # in part

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"Y": "controllable", "N": "not controllable", "P": "partly controllable"}[self.value]


class PartyKind(StrEnum):
    """Who could have prevented the loss. This is the attribution, which is not the reason."""

    PERSON = "person"  # one clinician, by name
    SERVICE = "service"  # a clinical service
    DEPARTMENT = "department"  # an ancillary or administrative department
    PAYER = "payer"  # whoever pays or decides for it
    VENDOR = "vendor"  # a post-acute provider, supplier or carrier
    FAMILY = "family"  # patient, family or representative
    AGENCY = "agency"  # court, state, QIO, protective services
    OUTSIDE = "outside"  # weather, outbreaks, the region
    SEVERAL = "several"  # more than one of these

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _PARTIES[self]


class Origin(StrEnum):
    """Where an entry came from."""

    MANUAL = "manual"  # somebody recorded it
    CONFIRMED = "confirmed"  # a draft, confirmed as it was
    CHANGED = "changed"  # a draft, changed and then confirmed


class EntryState(StrEnum):
    """Where an avoidable day stands."""

    NONE = "none"  # nothing is recorded for it
    DRAFT = "draft"  # proposed by a rule; counts nothing
    STANDING = "standing"  # recorded, and counts
    REJECTED = "rejected"  # the proposal was rejected with a reason
    STRUCK_OUT = "struck_out"  # recorded by mistake; counts nothing


class EntryAction(StrEnum):
    """What may happen to an avoidable day."""

    PROPOSE = "propose"  # a rule finds a reason
    RECORD = "record"  # somebody writes it down
    CONFIRM = "confirm"  # somebody confirms what was proposed
    CHANGE = "change_and_confirm"  # somebody corrects what was proposed, and confirms it
    REJECT = "reject"  # somebody rejects what was proposed
    FORGET = "forget"  # the facts do not say so any more
    TAKE_BACK = "take_back"  # the rejection is taken back
    AMEND = "amend"  # correct what is recorded, with a reason
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class EntryEnd(StrEnum):
    """Why a version of an entry stands no more."""

    AMENDED = "amended"  # another version was recorded in its place
    STRUCK_OUT = "struck_out"  # it was recorded by mistake


class DraftRule(StrEnum):
    """The rules that propose an avoidable day."""

    APPEAL = "AD-APPEAL"  # a timely appeal to the QIO is pending at the midnight
    BARRIER = "AD-BARRIER"  # a barrier is open at the midnight
    REFERRAL = "AD-REFERRAL"  # a referral is not answered at the midnight
    CHOICE = "AD-CHOICE"  # a facility accepted, and the choice is late
    POST_ACUTE = "AD-PAC"  # the payer has not decided on post-acute care
    PAYER = "AD-PAYER"  # the payer is silent past its clock
    PASRR = "AD-PASRR"  # PASRR level II is open
    ORDER = "AD-ORDER"  # ready, and the discharge order was written after the midnight
    REVIEW = "AD-REVIEW"  # the review of the day was not met
    READY = "AD-READY"  # ready and still here, and nothing is known that explains it

    @property
    def label(self) -> str:
        """What the rule proposes, in a few words."""
        return _RULES[self]


class RejectReason(StrEnum):
    """Why a proposal is rejected; counted per rule, so that a poor rule is seen."""

    NEEDED = "needed"  # the patient needed this bed that day
    OTHER_REASON = "other_reason"  # the day was lost, but not for this reason
    WRONG_FACTS = "wrong_facts"  # what the rule read is wrong or outdated
    DUPLICATE = "duplicate"  # it is recorded elsewhere already
    OTHER = "other"  # something else, in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _REJECTIONS[self]


class DraftEnd(StrEnum):
    """Why a draft waits no more."""

    GONE = "gone"  # the facts say otherwise now
    TAKEN = "taken"  # confirmed, as it was or changed
    REJECTED = "rejected"  # rejected with a reason


class Ownership(StrEnum):
    """Who owns the hospital; decides which published cost of a day stands in where none is set."""

    NONPROFIT = "nonprofit"  # not-for-profit community hospital
    FOR_PROFIT = "for_profit"  # investor-owned community hospital
    GOVERNMENT = "government"  # state or local government hospital

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"nonprofit": "Not for profit", "for_profit": "For profit", "government": "Government"}[self.value]


class CostSetting(StrEnum):
    """For which days a cost is set; the narrower setting goes before the wider."""

    FACILITY = "facility"  # every day
    CLASS = "class"  # inpatient or observation days
    UNIT_KIND = "unit_kind"  # days on units of one kind

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"facility": "All days", "class": "Patient class", "unit_kind": "Kind of unit"}[self.value]


class CostConvention(StrEnum):
    """What the figure of a cost means; it is named wherever the figure is shown."""

    VARIABLE_DIRECT = "variable_direct"  # what falls away when the day falls away
    FULL = "full"  # with overhead and fixed cost
    ADJUSTED_EXPENSE = "adjusted_expense"  # published adjusted expense per inpatient day: an average, too high

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _CONVENTIONS[self]


_PARTIES = {
    PartyKind.PERSON: "Clinician",
    PartyKind.SERVICE: "Service",
    PartyKind.DEPARTMENT: "Department",
    PartyKind.PAYER: "Payer",
    PartyKind.VENDOR: "Facility or vendor",
    PartyKind.FAMILY: "Patient or family",
    PartyKind.AGENCY: "Court, state or agency",
    PartyKind.OUTSIDE: "Outside events",
    PartyKind.SEVERAL: "Several",
}
_RULES = {
    DraftRule.APPEAL: "Appeal to the QIO pending",
    DraftRule.BARRIER: "Barrier open",
    DraftRule.REFERRAL: "Referral not answered",
    DraftRule.CHOICE: "Choice not made in time",
    DraftRule.POST_ACUTE: "Post-acute authorization pending",
    DraftRule.PAYER: "Payer silent past its clock",
    DraftRule.PASRR: "PASRR level II open",
    DraftRule.ORDER: "Discharge order written later",
    DraftRule.REVIEW: "Review of the day not met",
    DraftRule.READY: "Ready and still here",
}
_REJECTIONS = {
    RejectReason.NEEDED: "The patient needed this bed that day",
    RejectReason.OTHER_REASON: "Lost, but for another reason",
    RejectReason.WRONG_FACTS: "What it cites is wrong or outdated",
    RejectReason.DUPLICATE: "Recorded already",
    RejectReason.OTHER: "Something else",
}
_CONVENTIONS = {
    CostConvention.VARIABLE_DIRECT: "variable direct cost",
    CostConvention.FULL: "full cost",
    CostConvention.ADJUSTED_EXPENSE: "adjusted expense per inpatient day (an average that overstates what is saved)",
}
