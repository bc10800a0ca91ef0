"""When this is recorded, do that: one table. Each runs in the transaction of its event, and never swallows an error."""

from app.census.events import (
    EncounterCancelled,
    EncounterDischarged,
    EncountersUnited,
    EncounterUpdated,
    EncounterWithdrawn,
)
from app.census.stay.marks import StayProtected
from app.clocks import gather
from app.clocks.commands import refresh_named, show
from app.interop.census_file.absence import no_longer_absent
from app.kernel.events import Event
from app.notices import source as notices
from app.platform.work import LastStep, Reaction
from app.worklists.assignment.commands import keep_access
from app.worklists.assignment.united import follow_united_stay
from app.worklists.snoozes.commands import bring_back_changed

REACTIONS: dict[type[Event], list[Reaction]] = {
    EncounterCancelled: [no_longer_absent],
    EncounterDischarged: [no_longer_absent],
    EncountersUnited: [follow_united_stay, no_longer_absent],
    EncounterUpdated: [keep_access, no_longer_absent],
    EncounterWithdrawn: [no_longer_absent],
    StayProtected: [keep_access],
}
LAST_STEPS: tuple[LastStep, ...] = (bring_back_changed, refresh_named)

# What features have recorded that starts or stops a clock, and the rules whose closing record can be made here.
FACT_SOURCES: tuple[gather.FactSource, ...] = (notices.facts,)
SHOWN_RULES: frozenset[str] = notices.RULES
gather.install(FACT_SOURCES)
show(SHOWN_RULES)
