"""A simulated hospital's messages, late and shuffled, in batches of any size: the tables tell the truth."""

from datetime import UTC, datetime
from random import Random

import pytest

from app.census.commands import apply_facts
from app.census.terms import AdtFact, FeedPolicy
from app.demo.plan import Plan
from app.demo.simulation import simulate
from app.interop import adt, hl7
from app.platform.work import begin, everywhere, reading
from tests.support.feed import discrepancies
from tests.support.world import World

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
SMALL = Plan(now=NOW, seed=31, beds=24, ltch_beds=6, days=4)
CENSUS = (
    "select e.authority, e.visit_number, p.number, e.location, e.patient_class, e.status = 'on_leave' from encounter e"
    " join patient p on p.id = e.patient_id where e.status in ('admitted', 'on_leave') order by 1, 2"
)


@pytest.mark.parametrize("seed", [1, 2])
def test_batches_in_any_order_lead_to_the_true_census(world: World, seed: int) -> None:
    simulation, chance = simulate(SMALL), Random(seed)
    feeds = {"TBH": world.facility["NORTH"], "TBL": world.facility["SOUTH"]}
    facts = []
    for number, one in enumerate(simulation, start=1):
        policy = FeedPolicy(feed=str(feeds[one.facility]), timezone=SMALL.time_zone, default_authority=one.facility)
        fact = adt.to_fact(hl7.parse(one.raw), policy, number, one.at)
        assert isinstance(fact, AdtFact)
        facts.append(fact)
    chance.shuffle(facts)
    while facts:
        size = chance.choice((1, 3, 40, 200))
        with begin(everywhere("feed"), at=NOW) as work:
            apply_facts(work, facts[:size])
        del facts[:size]
    with reading(everywhere("test")) as view:
        found = view.connection.execute(CENSUS).fetchall()
        opened = view.values("select kind from census_exception where closed_at is null")
        stays = view.values("select count(*) from encounter")
    true = sorted(
        (line.facility, line.visit, line.mrn, line.location, line.patient_class, line.on_leave)
        for line in simulation.truth.census()
    )
    assert len(true) > 15
    assert found == true
    assert opened == []
    assert stays == [len(simulation.truth.stays)]
    assert discrepancies() == []
