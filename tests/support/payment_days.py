"""One of everything that is recorded about the payment days of a stay."""

import uuid
from datetime import date

from app.ltac.days.commands import record_entry
from app.ltac.days.forms import EarlierUseForm, EvidenceForm, ReserveForm
from app.ltac.days.terms import ReserveChoice
from app.platform.db import Who
from app.platform.work import begin, everywhere
from tests.support.long_term import make_kind
from tests.support.world import World, hospital_day


def payment_days(who: Who, stay: uuid.UUID, text: str) -> dict[str, str]:
    """Earlier use near its end, a choice, evidence of a stay of a long-term hospital; the key of one by parameter."""
    with begin(who) as work:
        today = hospital_day()
        used = EarlierUseForm(
            as_of=today, used=52, period_began=date(2025, 11, 1), reserve_left=8, psychiatric_left=190, note=text
        )
        record_entry(work, stay, used)
        record_entry(work, stay, ReserveForm(choice=ReserveChoice.USE, told_on=today, agreed_with=text))
        made = record_entry(work, stay, EvidenceForm(preceded="yes", intensive_days=4, excluded="no", source=text))
    return {"payment_entry_id": str(made.entry_id)}


def payment_days_anywhere(world: World, stay: uuid.UUID, text: str) -> dict[str, str]:
    """The same where the hospital is no long-term one before and after."""
    make_kind(world, "ltch")
    made = payment_days(everywhere("test"), stay, text)
    make_kind(world, "acute")
    return made
