"""Facts reach the tables, and the tables say what a fold of all facts says."""

from app.census.commands import apply_facts, refold_all
from app.platform.work import begin, everywhere, reading
from app.census.terms import AdtFact, FeedPolicy
from tests.census.replaying import taken
from tests.census.stories import ADMITTED, DISCHARGED, lines
from tests.support.world import World
import msgspec


def test_a_stay(world: World) -> None:
    policy = FeedPolicy(feed=str(world.facility["NORTH"]), default_authority="HOSP")
    facts = [one for one in taken(lines(ADMITTED + DISCHARGED), policy) if isinstance(one, AdtFact)]
    for fact in facts:
        with begin(everywhere("test")) as work:
            apply_facts(work, [fact])
    with reading(everywhere("test")) as view:
        assert view.values("select status from encounter") == ["discharged"]
        assert view.values("select value from movement order by lane") == ["4W^401^A", "IP"]
        assert list(refold_all(view)) == []
