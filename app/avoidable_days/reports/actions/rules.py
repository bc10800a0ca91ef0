"""What may happen to an action of the log, and what it needs. Pure."""

from datetime import date

from app.avoidable_days.reports.actions.terms import ActionAct, ActionState, Standing
from app.kernel.refusal import Refused

_S, _A = Standing, ActionAct
LIFE: dict[tuple[Standing, ActionAct], Standing] = {
    (_S.NONE, _A.RECORD): _S.STANDING,
    (_S.STANDING, _A.AMEND): _S.STANDING,
    (_S.STANDING, _A.STRIKE_OUT): _S.STRUCK_OUT,
}
"""Nothing follows a strike-out: who struck out the wrong one records it again."""


def check(state: ActionState, since: date | None, today: date) -> None:
    """Refused for an action that has begun without a day, or begins in the future."""
    if state is ActionState.PROPOSED:
        return
    if since is None:
        raise Refused("Write from which day on this was done: the chart is compared before and after.", field="since")
    if since > today:
        raise Refused("This day lies ahead. Record the action as proposed until it begins.", field="since")
