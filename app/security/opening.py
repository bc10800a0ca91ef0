"""What the door before a protected stay asks: why, in one of a few words, and proof of who asks."""

import uuid
from enum import StrEnum

from app.platform.work import Reading

PROVIDER_PROOF = "/account/provider-proof"
"""Where a person without a password here is asked anew; it leads back to `next`."""


class Why(StrEnum):
    """Why a protected stay is opened. The privacy officer counts them; the words beside say the rest."""

    CARE = "care"
    COVERING = "covering"
    EMERGENCY = "emergency"
    PAYMENT = "payment"
    REQUEST = "request"
    OTHER = "other"


WHY_LABELS = {
    Why.CARE: "I take part in this patient's care",
    Why.COVERING: "I cover for a colleague",
    Why.EMERGENCY: "Emergency",
    Why.PAYMENT: "A review, an appeal or a payer needs it",
    Why.REQUEST: "The patient or a representative asked",
    Why.OTHER: "Something else",
}


class Way(StrEnum):
    """How somebody proves at this moment who they are."""

    CODE = "code"
    PASSWORD = "password"
    PROVIDER = "provider"


def why_choices() -> list[dict[str, str]]:
    """The reasons as a list to choose from."""
    ask = {"value": "", "label": "Choose one"}
    return [ask, *({"value": why.value, "label": label} for why, label in WHY_LABELS.items())]


def way_of(view: Reading, user_id: uuid.UUID) -> Way:
    """How this person is asked: a code of who has a second factor, else the password, else the provider."""
    query = "select totp_confirmed_at is not null, password_hash <> '' from app_user where id = %s"
    row = view.connection.execute(query, [user_id]).fetchone()
    if row is not None and row[0]:
        return Way.CODE
    return Way.PASSWORD if row is not None and row[1] else Way.PROVIDER
