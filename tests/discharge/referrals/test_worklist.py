"""Open referrals on the worklists: the chip says how they stand, the list names the oldest unanswered first."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from app.discharge.referrals.asks import Question
from app.discharge.referrals.following import answering
from app.platform.now import now
from app.platform.work import begin, everywhere
from tests.discharge.referrals.support import refer, vendors, yes
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def test_chips_and_list_follow_the_answers(browser_for: BrowserFor, world: World) -> None:
    to = vendors(world, 3)
    stays = {name: add_stay(world, StaySpec(family=name)) for name in ("Asker", "Silent", "Happy", "Elsewhere")}
    made: dict[str, list[uuid.UUID]] = {}
    for name in ("Asker", "Silent", "Happy"):
        at = now() - timedelta(hours=6 if name == "Silent" else 1)
        made[name] = [one.referral_id for one in refer(world, stays[name], to, at=at).sent]
    with begin(everywhere("vendor")) as work:
        answering.ask_hospital(work, made["Asker"][0], Question(said="Which vacuum?"))
        for key in made["Happy"][:2]:
            yes(work, key, offered_on=(now() + timedelta(days=2)).date())

    page = unescape(browser_for("dana").get("/worklists/referrals-open").text)

    assert page.index("Silent") < page.index("Asker") and "Elsewhere" not in page
    for words in ("question from facility", "no answer 6 h", "referral 2/3 yes", "2 of 3 yes", "Skilled nursing"):
        assert words in page, words
    late = browser_for("dana").get("/worklists/referrals-open?referral=late").text
    assert "Silent" in late and "Asker" not in late
