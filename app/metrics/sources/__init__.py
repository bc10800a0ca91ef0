"""Where the cases of each measure come from: one table, a name and a function for each source."""

from app.metrics.sources.recorded import recorded
from app.metrics.sources.whole_stays import whole_stays
from app.metrics.store.cases import Source

SOURCES: dict[str, Source] = {"recorded": recorded, "whole_stays": whole_stays}
