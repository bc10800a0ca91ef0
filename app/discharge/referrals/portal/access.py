"""Links to one referral: random keys of which only the digest is kept, and how often one may ask."""

import secrets
from datetime import datetime, timedelta

from app.discharge.referrals.events import ReferralLinkMade, ReferralLinksEnded
from app.discharge.referrals.models import Referral, ReferralLink
from app.discharge.referrals.rules import STANDING
from app.discharge.referrals.steps import about
from app.kernel.refusal import Refused
from app.platform.work import System, Work, begin
from app.security.sessions import digest

MOST_LINKS = 8
WINDOW = timedelta(minutes=10)
OF_ADDRESS, OF_KEY = 300, 120
"""How often one address and one key may ask in a window: a vendor behind one address reads many referrals."""

_COUNT = """
insert into portal_count (bucket, since, asked) values (%s, %s, 1) on conflict (bucket) do update set
  asked = case when portal_count.since <= %s then 1 else portal_count.asked + 1 end,
  since = case when portal_count.since <= %s then excluded.since else portal_count.since end
returning asked
"""
_FORGET = """
delete from portal_count where bucket in
  (select bucket from portal_count where since <= %s for update skip locked limit 100)
"""


def make_link(work: Work, one: Referral) -> tuple[ReferralLink, str]:
    """A way to a referral that stands, and the key of its address, which is kept nowhere."""
    if one.state not in STANDING or one.ends_at is None or one.ends_at <= work.now:
        raise Refused("No link is made to this referral: it is answered, closed or past its time. Send it anew.")
    standing = "select count(*) from referral_link where referral_id = %s and ended_at is null and expires_at > %s"
    if work.value(standing, (one.referral_id, work.now)) >= MOST_LINKS:
        raise Refused(f"This referral has {MOST_LINKS} links already. Close them before you make another.")
    key = secrets.token_urlsafe(32)
    made = work.add(
        ReferralLink(
            facility_id=one.facility_id, referral_id=one.referral_id, encounter_id=one.encounter_id,
            digest=digest(key), expires_at=one.ends_at, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ReferralLinkMade(**about(work, one), link_id=made.id, expires_at=made.expires_at))
    return made, key


def end_links(work: Work, one: Referral) -> int:
    """Close every link of a referral; how many there were."""
    ended = work.write(
        "referral_link",
        "update referral_link set ended_at = %s, ended_by = %s where referral_id = %s and ended_at is null",
        (work.now, work.who.actor_id, one.referral_id),
    )
    if ended:
        work.record(ReferralLinksEnded(**about(work, one)))
    return ended


def too_often(who: System, key: str, address: str, now: datetime | None = None) -> bool:
    """Count one request; True where its link or its address asks too often. All processes share the counters."""
    with begin(who, at=now) as work:
        since = work.now - WINDOW
        counts = [
            work.connection.execute(_COUNT, (digest(name), work.now, since, since)).fetchone()
            for name in (f"address {address}", f"key {key}")
        ]
        work.connection.execute(_FORGET, (work.now - 6 * WINDOW,))
    return any(row is not None and row[0] > most for row, most in zip(counts, (OF_ADDRESS, OF_KEY), strict=True))
