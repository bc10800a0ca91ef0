"""Every definition of a measure in one place: what is counted, what is left out and why, from which records.

A page, a report and a file show the same words. The sources of `app/metrics/sources` count what is written here.
"""

from app.metrics.definitions.duties import DUTIES
from app.metrics.definitions.flow import FLOW
from app.metrics.definitions.payers import PAYERS
from app.metrics.definitions.status import STATUS
from app.metrics.definitions.stays import STAYS
from app.metrics.terms import Definition, MeasureId

DEFINITIONS: dict[MeasureId, Definition] = {
    definition.id: definition for definition in (*STAYS, *STATUS, *PAYERS, *FLOW, *DUTIES)
}
"""The definition of each measure, in the order in which pages show them."""
