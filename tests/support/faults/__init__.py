"""An installation that tests may harm: a database server of its own, real processes, a feed, people, invariants."""
