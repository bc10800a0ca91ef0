"""A referral with its link, packet and consent, for tests that open every page. The registry must hold a vendor."""

import uuid
from datetime import date

from app.discharge.referrals.asks import RecordConsent, SendReferrals
from app.discharge.referrals.commands import link_by_hand, send
from app.discharge.referrals.packets.consents import record_consent
from app.discharge.referrals.terms import ConsentFor
from app.discharge.terms import CareType
from app.platform.work import begin, everywhere, reading


def referred(stay: uuid.UUID, vendor_id: uuid.UUID, words: str) -> dict[str, str]:
    """One vendor is asked about a stay; keys by name of route parameter."""
    with begin(everywhere("test")) as work:
        ask = SendReferrals(
            care_type=CareType.SNF, vendors=[vendor_id], sections=["stay"], message=words, alone="asked for by name"
        )
        made = send(work, stay, ask, "A tester")
        key = link_by_hand(work, made.sent[0].referral_id).keys[made.sent[0].referral_id]
        given = RecordConsent(
            given_by="The patient",
            covers=ConsentFor.VENDORS,
            given_on=date(2020, 1, 1),
            scope=words or "Records to facilities",
        )
        consent = record_consent(work, stay, given)
        packet = work.value("select id from referral_packet where request_id = %s", (made.request_id,))
    return {
        "referral_id": str(made.sent[0].referral_id), "need_id": str(made.request_id), "referral_key": key,
        "referral_packet_id": str(packet), "consent_id": str(consent.id),
    }  # fmt: skip


def visits_of_referrals(stay: uuid.UUID) -> list[tuple[str, str, str]]:
    """The pages of a referral to a vendor of the registry: pattern of the route, who, address."""
    with reading(everywhere("test")) as db:
        vendor = db.value("select v.id from vendor v join encounter e using (facility_id) where e.id = %s", (stay,))
    made = referred(stay, vendor, "")
    return [
        ("/encounters/{stay_id:uuid}/referrals", "dana", f"/encounters/{stay}/referrals"),
        ("/encounters/{stay_id:uuid}/referrals/new", "dana", f"/encounters/{stay}/referrals/new?care=snf"),
        ("/referral/{referral_key:str}", "", f"/referral/{made['referral_key']}"),
        ("/referral-terms", "lee", "/referral-terms"),
    ]
