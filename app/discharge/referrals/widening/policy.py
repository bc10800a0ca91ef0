"""How long vendors have to answer, patients to choose, links to work: the facility's policies and its own terms."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app import regulations
from app.discharge.referrals.asks import SetTerms
from app.discharge.referrals.events import ReferralTermsSet
from app.discharge.referrals.models import ReferralSetting
from app.kernel.deadlines import Allowance, due
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work

ANSWER, CHOICE = "RF-ANSWER", "RF-CHOICE"


class Terms(msgspec.Struct, frozen=True):
    """What holds for links and widening; the defaults hold where a facility has set nothing."""

    link_days: int = 14
    widen_by: int = 3
    widens: bool = False


_TERMS = "select link_days, widen_by, widens from referral_setting where facility_id = %s and ended_at is null"
_POLICY = """
select allowance from policy_rule where facility_id = %s and rule = %s and payer_code = '' and asked
  and begins <= %s and (ends is null or ends >= %s) and ended_at is null order by begins desc limit 1
"""


def terms_of(db: Reading, facility_id: int) -> Terms:
    """The terms of a facility."""
    return next(iter(db.rows(Terms, _TERMS, (facility_id,))), Terms())


def limit(db: Reading, facility_id: int, rule: str, zone: ZoneInfo) -> datetime:
    """Until when an answer or a choice is awaited that is asked for now: the facility's term, or the default."""
    today: date = db.now.astimezone(zone).date()
    allowance = db.value(_POLICY, (facility_id, rule, today, today))
    if not allowance:
        allowance = str(regulations.in_force(rule, today).allowance)
    return due(db.now, Allowance.parse(allowance), zone)


def set_terms(work: Work, facility_id: int, ask: SetTerms) -> ReferralSetting:
    """Let other terms hold from now on. Refused where nothing would change."""
    if terms_of(work, facility_id) == Terms(ask.link_days, ask.widen_by, ask.widens):
        raise Refused("These terms hold already.")
    work.write(
        "referral_setting",
        "update referral_setting set ended_at = %s where facility_id = %s and ended_at is null",
        (work.now, facility_id),
    )
    made = work.add(
        ReferralSetting(
            facility_id=facility_id, **ask.model_dump(), made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ReferralTermsSet(facility_id=facility_id, **ask.model_dump()))
    return made
