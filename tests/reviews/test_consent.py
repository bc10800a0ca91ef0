"""The packet of a review leaves a stay with records of addiction treatment only while the patient consents."""

from collections.abc import Callable

from app.platform.work import begin, everywhere, reading
from app.web.packets import PROHIBITION
from app.worklists.assignment.commands import take
from tests.reviews.support import ADMISSION, ADMITTED, MET, sign, tell
from tests.support.client import Browser
from tests.support.part2 import SCOPE, consented, protect, revoked, text_of
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def test_the_packet_of_a_review_needs_a_consent_and_the_review_can_be_read(browser_for: BrowserFor, world: World):
    stay = tell(world, ADMITTED)
    review = sign(world, stay, ADMISSION, MET).review_id
    with begin(world.viewer("uma")) as work:
        take(work, stay)  # it stays open for its owner
    protect(stay)
    uma, address = browser_for("uma"), f"/reviews/{review}/packet"

    refused = uma.get(address)
    assert refused.status_code == 409 and "case managers" in refused.text and b"%PDF" not in refused.content
    assert "Antibiotics by vein" in uma.get(f"/reviews/{review}").text

    consent = consented(stay)
    said = text_of(uma.get(address).content)
    assert PROHIBITION in said and SCOPE in said and "Antibiotics by vein" in said
    with reading(everywhere("test")) as db:
        [detail] = db.values("select detail from phi_access where kind = 'export'")
    assert detail.endswith(f", consent {consent}")

    revoked(consent)
    assert uma.get(address).status_code == 409
