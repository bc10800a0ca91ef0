"""When this is recorded, do that: one table. Each runs in the same transaction as its event, and never swallows an error."""

from app.kernel.events import Event
from app.platform.work import LastStep, Reaction

REACTIONS: dict[type[Event], list[Reaction]] = {}
LAST_STEPS: tuple[LastStep, ...] = ()
