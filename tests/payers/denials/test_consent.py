"""Appeal packets of a stay with records of addiction treatment: made and taken out only while the patient consents."""

import html
import uuid
from collections.abc import Callable

import pytest

from app.payers.denials.models import AppealPacket
from app.payers.denials.paper.commands import make_packet
from app.platform.work import begin, everywhere, reading
from app.web.packets import NOTICE, PROHIBITION, ConsentMissing
from app.worklists.assignment.commands import take
from tests.payers.denials.support import deny
from tests.payers.support import tell
from tests.support.client import Browser
from tests.support.part2 import SCOPE, consented, protect, revoked, text_of
from tests.support.world import World

BrowserFor = Callable[..., Browser]


@pytest.fixture
def denied(world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """A protected stay of the nurse's, and a denial of it."""
    stay = tell(world)
    made = deny(world, stay)
    with begin(world.viewer("uma")) as work:
        take(work, stay)  # it stays open for its owner
    protect(stay)
    return stay, made.denial_id


def test_an_appeal_packet_needs_the_consent_bears_the_notice_and_names_it_in_the_trail(
    denied: tuple[uuid.UUID, uuid.UUID],
):
    stay, denial = denied
    with pytest.raises(ConsentMissing, match="case managers"), begin(everywhere("test")) as work:
        make_packet(work, denial, None, "Uma Reyes, RN")
    consent = consented(stay)

    with begin(everywhere("test")) as work:
        made = make_packet(work, denial, ["stay"], "Uma Reyes, RN")

    assert made.sections == ["stay"] and NOTICE not in made.sections
    said = text_of(made.content)
    assert PROHIBITION in said and SCOPE in said and "payers of the stay" in said
    assert said.index(PROHIBITION) < said.rindex("The stay")  # it stands first
    with reading(everywhere("test")) as db:
        query = "select facts ->> 'consent_id' from audit_event where name = 'appeal_packet.made'"
        assert db.values(query) == [str(consent)]


def test_a_packet_is_taken_out_only_while_the_consent_holds(
    browser_for: BrowserFor, denied: tuple[uuid.UUID, uuid.UUID]
):
    stay, denial = denied
    uma, address = browser_for("uma"), f"/denials/{denial}"
    assert "Tell and send the payer nothing" in uma.get(address).text
    refused = uma.post(f"{address}/packets", {"all": "on"})
    assert refused.status_code == 422 and "no consent for payers holds today" in html.unescape(refused.text)
    consent = consented(stay)
    assert "Tell and send the payer nothing" not in uma.get(address).text
    gone = uma.post(f"{address}/packets", {"all": "on"}).headers["location"]
    assert uma.get(gone).content.startswith(b"%PDF-")

    revoked(consent)

    late = uma.get(gone)
    assert late.status_code == 409 and b"%PDF" not in late.content and "case managers" in late.text
    assert uma.get(f"/encounters/{stay}/denials").status_code == 200
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from appeal_packet") == 1  # what was made is kept
        details = db.values("select detail from phi_access where kind = 'export'")
    assert details == [f"appeal packet, consent {consent}"]


def test_another_stay_is_packed_as_before(world: World):
    denial = deny(world, tell(world)).denial_id
    with begin(everywhere("test")) as work:
        made: AppealPacket = make_packet(work, denial, None, "Uma Reyes, RN")
    assert PROHIBITION not in text_of(made.content)
