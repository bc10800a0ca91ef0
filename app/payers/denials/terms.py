"""The words of denials: what was denied and why, where a denial stands, and how it ended."""

from enum import StrEnum


class DenialKind(StrEnum):
    """What was denied, and when."""

    CONCURRENT = "concurrent"  # days, while the patient was here
    PRE_AUTHORIZATION = "pre_authorization"  # a stay or service before it began
    RETROSPECTIVE = "retrospective"  # days, after the patient had left
    LEVEL_OF_CARE = "level_of_care"  # paid as a lower level of care than given
    TECHNICAL = "technical"  # a step was missed or late: notification, authorization, filing, coding
    POST_PAYMENT = "post_payment"  # paid first and taken back after an audit

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", "-" if self is not DenialKind.LEVEL_OF_CARE else " ").capitalize()


class RootCause(StrEnum):
    """What made the denial possible, as this house sees it; the payer's own reason is another field."""

    UNKNOWN = "unknown"  # nobody has said yet
    DOCUMENTATION = "documentation"  # the record did not show what was true
    STATUS = "status"  # the order or the status did not fit the care
    LATE_NOTIFICATION = "late_notification"  # the payer was told too late or not at all
    NO_AUTHORIZATION = "no_authorization"  # days were not asked for in time
    LATE_CLINICALS = "late_clinicals"  # what the payer asked for was sent too late
    AVOIDABLE_DAYS = "avoidable_days"  # days without hospital care
    PAYER_ERROR = "payer_error"  # the payer's own mistake, or its rules applied wrongly
    PAYER_CRITERIA = "payer_criteria"  # the payer's criteria differ from what was used here
    ELIGIBILITY = "eligibility"  # coverage was another than assumed
    OTHER = "other"  # see the words beside it

    @property
    def label(self) -> str:
        """As a page shows it."""
        return "Not known yet" if self is RootCause.UNKNOWN else self.value.replace("_", " ").capitalize()


class DenialState(StrEnum):
    """Where a denial stands."""

    NONE = "none"  # nothing was recorded
    OPEN = "open"  # something can be done about it
    TALK = "talk"  # a peer-to-peer talk was asked for
    APPEALED = "appealed"  # an appeal was sent and is not decided
    CLOSED = "closed"  # nothing more is done about it
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"talk": "peer-to-peer asked", "struck_out": "struck out"}.get(self.value, self.value)


class DenialAction(StrEnum):
    """What may happen to a denial."""

    RECORD = "record"  # a payer's denial was received
    AMEND = "amend"  # correct what is recorded of it
    ASK_TALK = "ask_for_a_talk"  # ask the payer for a peer-to-peer talk
    HOLD_TALK = "hold_the_talk"  # the talk ended and the denial stands, in whole or in part
    WIN_TALK = "win_the_talk"  # the talk overturned it
    FORGET_TALK = "forget_the_talk"  # what was recorded of the talk was a mistake
    FILE_APPEAL = "file_an_appeal"  # send an appeal
    LOSE_APPEAL = "take_the_decision"  # an appeal was decided and days or money are still denied
    WIN_APPEAL = "win_the_appeal"  # an appeal overturned all of it
    WITHDRAW_APPEAL = "withdraw_the_appeal"  # the appeal is withdrawn
    TAKE_BACK = "take_back"  # a step of an appeal, or that a talk was asked for, was a mistake
    CLOSE = "close"  # say that nothing more is done, and why
    REOPEN = "reopen"  # take it up again
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class DenialOutcome(StrEnum):
    """How a denial ended."""

    OVERTURNED = "overturned"  # the payer pays all of it
    PARTLY = "partly"  # the payer pays some of it
    UPHELD = "upheld"  # it stands after a talk or an appeal, and nothing more is done
    WRITTEN_OFF = "written_off"  # given up without a talk and without an appeal, with the reason
    STATUS_CHANGE = "status_change"  # the stay is billed under another status

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"partly": "Partly overturned"}.get(self.value, self.value.replace("_", " ").capitalize())


class TalkOutcome(StrEnum):
    """How a peer-to-peer talk about a denial ended."""

    OVERTURNED = "overturned"  # the payer's physician authorizes
    PARTLY = "partly"  # some of it is authorized
    UPHELD = "upheld"  # the denial stands
    NOT_HELD = "not_held"  # the talk did not take place

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"partly": "partly overturned", "not_held": "not held"}.get(self.value, self.value)
