"""The words of referrals to post-acute vendors: states, deeds, answers and their reasons."""

from enum import StrEnum

from app.discharge.terms import CareType


class ReferralState(StrEnum):
    """Where one referral to one vendor stands."""

    DRAFT = "draft"  # proposed, nothing was sent
    SENT = "sent"  # the vendor was asked and has not opened it
    OPENED = "opened"  # the vendor has read it and not answered
    QUESTION = "question"  # the vendor asked something and waits for the hospital
    ACCEPTED = "accepted"  # the vendor would take the patient
    DECLINED = "declined"  # the vendor would not
    WITHDRAWN = "withdrawn"  # the vendor took its acceptance back
    EXPIRED = "expired"  # the link ended without an answer
    CANCELLED = "cancelled"  # the hospital does not ask this vendor any more
    CLOSED = "closed"  # the need is met or gone

    @property
    def label(self) -> str:
        """As a chip shows it."""
        return {"question": "asks a question", "sent": "not opened yet", "opened": "opened, no answer"}.get(
            self.value, self.value
        )


class ReferralAction(StrEnum):
    """What may happen to a referral. `prepare` makes it."""

    PREPARE = "prepare"  # propose a vendor
    SEND = "send"  # ask the vendor, for the first time or anew
    OPEN = "open"  # the vendor reads it for the first time
    ASK = "ask"  # the vendor asks a question
    REPLY = "reply"  # the hospital answers the question
    ACCEPT = "accept"  # the vendor would take the patient
    DECLINE = "decline"  # the vendor would not, with a reason
    WITHDRAW = "withdraw"  # the vendor takes its acceptance back
    TAKE_BACK = "take_back"  # an answer was recorded by mistake; it does not count
    REMIND = "remind"  # the hospital asks again for the answer
    EXPIRE = "expire"  # the link ended
    CANCEL = "cancel"  # the hospital does not ask any more
    CLOSE = "close"  # placed, discharged, died or sent twice
    REOPEN = "reopen"  # closed too early: it waits to be opened
    REOPEN_OPENED = "reopen_opened"  # closed too early: it had been opened
    REOPEN_QUESTION = "reopen_question"  # closed too early: a question was open
    REOPEN_ACCEPTED = "reopen_accepted"  # closed too early: it had been accepted


class RequestState(StrEnum):
    """Where a need stands that several vendors were asked about."""

    OPEN = "open"  # a place or service is sought
    PLACED = "placed"  # a vendor is booked
    CLOSED = "closed"  # not sought any more


class RequestAction(StrEnum):
    """What may happen to a need. `ask` makes it."""

    ASK = "ask"  # send the first referrals
    CHANGE = "change"  # another deadline, or more vendors were asked
    PLACE = "place"  # a vendor was booked
    UNPLACE = "unplace"  # the booking is gone, or the vendor withdrew
    CLOSE = "close"  # discharged, died, or not needed
    REOPEN = "reopen"  # the discharge was cancelled, or it was closed too early


class ClosedBecause(StrEnum):
    """Why a need or a referral was closed."""

    PLACED = "placed"  # another vendor takes the patient
    DISCHARGED = "discharged"  # the patient has left
    DIED = "died"  # the patient has died
    DUPLICATE = "duplicate"  # the same vendor was asked twice
    NOT_NEEDED = "not_needed"  # the plan is another one
    STAY_CANCELLED = "stay_cancelled"  # the stay never was

    @property
    def label(self) -> str:
        """As a table shows it."""
        return {"placed": "placed elsewhere", "not_needed": "not needed any more", "duplicate": "asked twice",
                "stay_cancelled": "stay cancelled"}.get(self.value, self.value)  # fmt: skip


class DeclineReason(StrEnum):
    """Why a vendor declines, in words that can be counted."""

    NO_BED = "no_bed"  # no bed or no staff until a day
    CANNOT_GIVE = "cannot_give"  # cannot give the care that is needed
    PAYER = "payer"  # payer, rate or network
    ISOLATION = "isolation"  # isolation or an outbreak
    BEHAVIOR = "behavior"  # behavior that the vendor cannot keep safe
    AREA = "area"  # outside the area that it serves
    HISTORY = "history"  # an earlier stay with this vendor
    OTHER = "other"  # said in words

    @property
    def label(self) -> str:
        """As a form and a table show it."""
        return _DECLINES[self]


class Channel(StrEnum):
    """How an answer came."""

    PORTAL = "portal"  # through the link
    PHONE = "phone"  # told by telephone, recorded by the hospital
    FAX = "fax"  # by fax or letter, recorded by the hospital

    @property
    def label(self) -> str:
        """As a table shows it."""
        return {"portal": "through the link", "phone": "told by telephone", "fax": "by fax"}[self.value]


class MailState(StrEnum):
    """Where one message by mail stands."""

    WAITING = "waiting"  # the job has not begun
    SENDING = "sending"  # handed to the mail server, which has not said yes; never sent twice
    SENT = "sent"  # the mail server took it
    FAILED = "failed"  # the mail server refused it or could not be reached

    @property
    def label(self) -> str:
        """As a table shows it."""
        return {"waiting": "mail waits", "sending": "mail handed over, not confirmed", "sent": "mail sent",
                "failed": "mail failed"}[self.value]  # fmt: skip


class MailKind(StrEnum):
    """Why a vendor is written to."""

    INVITATION = "invitation"  # a referral for the vendor
    REMINDER = "reminder"  # the answer is still awaited
    REPLY = "reply"  # the hospital answered a question
    UPDATE = "update"  # the packet has a newer version


class ConsentFor(StrEnum):
    """To whom a consent of the patient lets protected records go: the recipients of 42 CFR 2.31(a)(4)."""

    VENDORS = "vendors"  # facilities and services that may take the patient on
    PAYERS = "payers"  # whoever pays for the stay, and those who decide for them
    CARE_AND_PAYMENT = "care_and_payment"  # the single consent for all treatment, payment and health care operations

    @property
    def label(self) -> str:
        """As a form, a list and a notice show it."""
        return _CONSENTS[self]


_CONSENTS = {
    ConsentFor.VENDORS: "facilities and services that may take the patient",
    ConsentFor.PAYERS: "payers of the stay",
    ConsentFor.CARE_AND_PAYMENT: "all treatment, payment and operations",
}

DELAY_CODES: dict[CareType, str] = {
    CareType.SNF: "PA-01", CareType.NF: "PA-01", CareType.IRF: "PA-04", CareType.LTCH: "PA-05",
    CareType.HOME_HEALTH: "PA-06", CareType.DME: "PA-07", CareType.INFUSION: "PA-07", CareType.HOSPICE_HOME: "PA-08",
    CareType.HOSPICE_FACILITY: "PA-08", CareType.TRANSPORT: "PA-09", CareType.PSYCHIATRIC: "PA-10",
    CareType.DIALYSIS: "PA-11", CareType.ASSISTED_LIVING: "PA-12", CareType.ACUTE: "PA-13", CareType.SHELTER: "SL-05",
}  # fmt: skip
"""The avoidable-day code of waiting for a vendor, by what it is asked for."""

_DECLINES = {
    DeclineReason.NO_BED: "No bed or no staff",
    DeclineReason.CANNOT_GIVE: "Cannot give this care",
    DeclineReason.PAYER: "Payer or rate",
    DeclineReason.ISOLATION: "Isolation or outbreak",
    DeclineReason.BEHAVIOR: "Behavior",
    DeclineReason.AREA: "Outside our area",
    DeclineReason.HISTORY: "Earlier stay with us",
    DeclineReason.OTHER: "Other",
}
