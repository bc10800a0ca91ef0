"""Which consent lets records of addiction treatment leave for whom, and what vendors and the next place are told."""

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from app.census.events import EncounterUpdated
from app.discharge.departure.models import HandoffPacket
from app.discharge.departure.papers.commands import MakePacket, ReleasePacket, make_packet, release_packet
from app.discharge.departure.terms import Channel
from app.discharge.referrals.asks import SendReferrals
from app.discharge.referrals.commands import send
from app.discharge.referrals.models import ReferralPacket
from app.discharge.referrals.rules import Consent, standing_consent
from app.discharge.referrals.terms import ConsentFor
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web import packets
from app.web.packets import PROHIBITION, ConsentMissing, Recipient
from tests.discharge.referrals.support import vendors
from tests.support.client import Browser
from tests.support.glass import filled
from tests.support.part2 import SCOPE, consented, protect, text_of
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
TODAY = date(2026, 3, 5)
DAY = timedelta(days=1)
PAYER, CAREGIVER = Recipient.PAYER, Recipient.CAREGIVER


@pytest.mark.parametrize(
    ("covers", "wanted", "given_on", "ends_on", "ended", "holds"),
    [
        ("vendors", "vendors", TODAY, None, False, True),
        ("vendors", "payers", TODAY, None, False, False),
        ("payers", "payers", TODAY, None, False, True),
        ("payers", "vendors", TODAY, None, False, False),
        ("care_and_payment", "payers", TODAY, None, False, True),
        ("care_and_payment", "vendors", TODAY, None, False, True),
        ("payers", "payers", TODAY - DAY, TODAY, False, True),  # its last day
        ("payers", "payers", TODAY - DAY, TODAY - DAY, False, False),
        ("payers", "payers", TODAY + DAY, None, False, False),  # not yet given
        ("care_and_payment", "payers", TODAY, None, True, False),  # revoked
    ],
)
def test_a_consent_reaches_those_whom_it_names_on_its_days(
    covers: str, wanted: str, given_on: date, ends_on: date | None, ended: bool, holds: bool
):
    one = Consent(uuid.uuid4(), "The patient", given_on, ends_on, covers, "All of it", ended=ended)

    assert (standing_consent([one], ConsentFor(wanted), TODAY) is one) is holds
    assert standing_consent([], ConsentFor(wanted), TODAY) is None


def test_the_first_consent_that_reaches_is_the_one_that_is_named():
    ended, other, right = (
        Consent(uuid.uuid4(), "The patient", TODAY, None, covers, "All of it", ended=ended)
        for covers, ended in (("payers", True), ("vendors", False), ("care_and_payment", False))
    )
    assert standing_consent([ended, other, right], ConsentFor.PAYERS, TODAY) is right


@pytest.mark.parametrize(
    ("mark", "covers", "payer", "caregiver"),
    [
        ("", None, False, False),
        ("vip", None, False, False),
        ("psychiatric", None, False, False),
        ("part2", None, True, True),
        ("part2", ConsentFor.VENDORS, True, False),
        ("part2", ConsentFor.PAYERS, False, True),
        ("part2", ConsentFor.CARE_AND_PAYMENT, False, False),
    ],
)
def test_only_addiction_treatment_needs_a_consent_for_payers(
    world: World, mark: str, covers: ConsentFor | None, payer: bool, caregiver: bool
):
    stay, other = add_stay(world, StaySpec(sensitivity=mark)), add_stay(world)
    consented(other, ConsentFor.CARE_AND_PAYMENT)  # of another stay: it lets nothing go
    if covers is not None:
        consented(stay, covers)

    with reading(everywhere("test"), at=NOW) as db:
        lacks = [packets.lacks_consent(db, stay, one, TODAY) for one in (PAYER, CAREGIVER)]
        noticed = [bool(packets.notice(packets.leaving(db, stay, one, TODAY))) for one in (PAYER, CAREGIVER)]

    assert lacks == [payer, caregiver] and noticed == [mark == "part2"] * 2


def test_a_part_of_a_stay_protects_all_of_it_also_from_who_may_not_see_the_part(world: World):
    part, whole = add_stay(world, StaySpec(sensitivity="part2")), add_stay(world)
    with begin(everywhere("test"), at=NOW) as work:
        work.write("encounter", "update encounter set gone_at = %s, united_into_id = %s where id = %s",
                   (NOW, whole, part))  # fmt: skip
        work.record(EncounterUpdated(encounter_id=whole, facility_id=world.facility["NORTH"], changed=()))

    for who in (world.viewer("uma").acting(Permission.PAYER_SEND), everywhere("test")):
        with reading(who, at=NOW) as db, pytest.raises(ConsentMissing):
            packets.let_go(db, whole, PAYER, TODAY)
    consented(part)
    with reading(everywhere("test"), at=NOW) as db:
        assert packets.let_go(db, whole, PAYER, TODAY).consent_id is not None


def frozen(stay: uuid.UUID, to: list[uuid.UUID]) -> ReferralPacket:
    """The packet that vendors are sent by a program that sees all."""
    with begin(everywhere("test")) as work:
        ask = SendReferrals.model_validate(
            {"care_type": "snf", "vendors": to, "sections": ["stay"], "alone": "asked for by name"}
        )
        made = send(work, stay, ask, "Dana Whitlow, RN")
        query = "select id from referral_packet where request_id = %s order by version desc limit 1"
        return work.get(ReferralPacket, work.value(query, (made.request_id,)))


def test_a_packet_to_a_vendor_bears_the_notice_and_asks_for_a_consent_for_vendors(world: World):
    stay, open_stay, to = add_stay(world), add_stay(world), vendors(world, 2, mail=False)
    protect(stay)
    consented(stay, ConsentFor.PAYERS)

    bare = frozen(stay, to[:1])
    assert (bare.sections, bare.left_out, bare.consent_id) == ([], ["stay"], None)
    assert PROHIBITION not in text_of(bare.content)  # it would tell what the patient is treated for

    consent = consented(stay, ConsentFor.VENDORS)
    whole = frozen(stay, to[1:])
    assert (whole.sections, whole.consent_id) == (["stay"], consent)
    assert PROHIBITION in text_of(whole.content) and SCOPE in text_of(whole.content)
    assert whole.texts[0]["key"] == packets.NOTICE  # the vendor reads it on the page too
    with reading(everywhere("test")) as db:
        assert db.value("select facts ->> 'consent_id' from audit_event where name = 'referral_packet.made'"
                        " order by at desc limit 1") == str(consent)  # fmt: skip
    assert PROHIBITION not in text_of(frozen(open_stay, to[:1]).content)


def test_a_hand_off_goes_on_the_recorded_consent_and_bears_its_notice(world: World):
    stay = add_stay(world, StaySpec(sensitivity="part2"))
    said = ReleasePacket(recipient="Oak Hill", channel=Channel.FAX, reason="The ambulance waits")

    def made() -> HandoffPacket:
        with begin(everywhere("test")) as work:
            return make_packet(work, stay, MakePacket(recipient="Oak Hill"), "Dana Whitlow, RN")

    first = made()
    assert "No consent was recorded" in text_of(first.content)
    consented(stay, ConsentFor.PAYERS)
    with pytest.raises(ConsentMissing, match="no consent holds today"), begin(everywhere("test")) as work:
        release_packet(work, first.id, said)

    consent = consented(stay, ConsentFor.CARE_AND_PAYMENT)
    second = made()
    assert PROHIBITION in text_of(second.content) and SCOPE in text_of(second.content)
    assert PROHIBITION in second.document.decode()
    with begin(everywhere("test")) as work:
        release_packet(work, second.id, said)
    with reading(everywhere("test")) as db:
        assert db.values("select facts ->> 'consent_id' from audit_event where name = 'handoff.moved'") == [
            str(consent)
        ]


def test_a_consent_says_for_whom_it_is_and_the_list_shows_it(browser_for: BrowserFor, world: World):
    stay = add_stay(world, StaySpec(sensitivity="part2"))
    lee = browser_for("lee")
    lee.post(f"/encounters/{stay}/glass", filled(world, "lee", "Records what the patient signed"))
    said = {"given_by": "The patient", "given_on": "2020-01-01", "scope": "The stay"}
    address = f"/encounters/{stay}/referral-consents"
    assert lee.post(address, said | {"covers": "everybody"}).status_code == 422
    assert lee.post(address, said | {"covers": "payers"}).status_code == 303
    page = lee.get(f"/encounters/{stay}/referrals").text
    assert "until revoked, for payers of the stay: The stay" in page and "All treatment, payment and operations" in page
    assert not re.search(r'name="covers"[^>]* checked', page), "a consent for the wrong recipient lets records go to it"
