"""The words of reviews of medical necessity. What a criteria set says is in `app/reviews/criteria`."""

from enum import StrEnum


class ReviewState(StrEnum):
    """Where a review stands."""

    NOT_BEGUN = "not_begun"  # nobody has written anything
    DRAFT = "draft"  # kept while it is written; counts for nothing
    SIGNED = "signed"  # stands
    AMENDED = "amended"  # stands in another version; the earlier one stays readable
    STRUCK_OUT = "struck_out"  # signed by mistake; it counts for nothing and stays readable
    DISCARDED = "discarded"  # a draft that nobody signed

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class ReviewAction(StrEnum):
    """What may happen to a review."""

    OPEN = "open"  # begin to write; who opens one that is begun goes on with it
    SAVE = "save_draft"  # keep what is written so far
    SIGN = "sign"  # say that it is so
    DISCARD = "discard"  # throw the draft away
    AMEND = "amend"  # put another version in its place, with the reason
    STRIKE_OUT = "strike_out"  # say that it does not count, with the reason
    REFER = "refer"  # ask a physician


class Outcome(StrEnum):
    """What a first-level review found. It screens; only a physician may find care not necessary, 42 CFR 482.30."""

    MET = "met"  # the criteria are met
    NOT_MET = "not_met"  # they are not
    PENDING = "pending_information"  # it cannot be said yet

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"met": "Met", "not_met": "Not met", "pending_information": "Pending information"}[self.value]


class Override(StrEnum):
    """Whether the reviewer found otherwise than the points say."""

    NONE = "none"  # the outcome follows from the points
    TO_APPROPRIATE = "to_appropriate"  # met although no point is
    TO_INAPPROPRIATE = "to_inappropriate"  # not met although a point is


class LevelOfCare(StrEnum):
    """Where a patient is, or could be, cared for; from the most to the least."""

    INTENSIVE = "intensive"  # intensive care
    STEP_DOWN = "step_down"  # between intensive care and the ward
    ACUTE = "acute"  # acute inpatient ward, medical or surgical
    OBSERVATION = "observation"  # outpatient in observation
    LTACH = "ltach"  # long-term acute care hospital
    REHABILITATION = "rehabilitation"  # inpatient rehabilitation facility
    PSYCHIATRIC = "psychiatric"  # inpatient psychiatric care
    SKILLED_NURSING = "skilled_nursing"  # skilled nursing facility
    HOME_HEALTH = "home_health"  # at home with visits of a home health agency
    HOSPICE = "hospice"  # hospice care, anywhere
    HOME = "home"  # at home, or outpatient care

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _LEVELS[self]


class DayResult(StrEnum):
    """What the reviews say of one day of a stay, by the letter of the strip."""

    MET = "M"  # a review found the criteria met
    NOT_MET = "N"  # a review found them not met
    PENDING = "P"  # a review waits for information
    NONE = "?"  # no review covers the day

    @property
    def word(self) -> str:
        """As hidden text says it."""
        return {"M": "met", "N": "not met", "P": "pending information", "?": "no review"}[self.value]


_LEVELS = {
    LevelOfCare.INTENSIVE: "Intensive care",
    LevelOfCare.STEP_DOWN: "Step-down",
    LevelOfCare.ACUTE: "Acute, medical or surgical",
    LevelOfCare.OBSERVATION: "Observation",
    LevelOfCare.LTACH: "Long-term acute care (LTACH)",
    LevelOfCare.REHABILITATION: "Inpatient rehabilitation (IRF)",
    LevelOfCare.PSYCHIATRIC: "Inpatient psychiatric",
    LevelOfCare.SKILLED_NURSING: "Skilled nursing (SNF)",
    LevelOfCare.HOME_HEALTH: "Home health",
    LevelOfCare.HOSPICE: "Hospice",
    LevelOfCare.HOME: "Home or outpatient",
}
