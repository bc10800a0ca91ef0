"""Lost days of a stay, made by the product's own commands: waiting, recorded, rejected; a delay, and a cost."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.avoidable_days.commands import RecordDay, RecordDelay, record_day, record_delay
from app.avoidable_days.drafts.commands import RejectDraft, confirm_draft, reject_draft
from app.avoidable_days.drafts.queries import drafts_of
from app.avoidable_days.drafts.storing import refresh
from app.avoidable_days.reasons.commands import SetCost, set_cost
from app.avoidable_days.reports.actions.commands import RecordAction, record_action
from app.avoidable_days.reports.actions.terms import ActionState
from app.avoidable_days.terms import CostConvention, CostSetting, RejectReason, Weight
from app.discharge.ready.commands import State, state
from app.discharge.ready.terms import StatementKind
from app.platform.work import begin, everywhere
from tests.support.world import World

ZONE = ZoneInfo("America/Chicago")


def _since_midnight(at: datetime) -> timedelta:
    local = at.astimezone(ZONE)
    return local - local.replace(hour=0, minute=0, second=0, microsecond=0)


def lost_days(world: World, stay: uuid.UUID, at: datetime, mark: str) -> dict[str, str]:
    """A stay that was ready for three days until an hour before `at`, or later on that day: one day recorded, one
    proposal rejected, one waiting, one delay.

    `mark` stands in every text. Returns the keys that addresses hold.
    """
    local = (at - timedelta(days=3)).astimezone(ZONE)
    who = everywhere("test")
    with begin(who, at=at) as work:
        if not drafts_of(work, stay):
            said = State(kind=StatementKind.READY, on=local.date(), at=local.time().replace(second=0, microsecond=0))
            state(work, stay, said.model_copy(update={"physician": mark}), own=False)
            back = at.astimezone(ZONE) - min(timedelta(hours=1), _since_midnight(at) / 2)
            again = State(kind=StatementKind.NOT_READY, on=back.date(), at=back.time(), physician=mark, reason=mark)
            state(work, stay, again, own=False)
            refresh(work, [stay])
        last, second, *_ = drafts_of(work, stay)
        made = confirm_draft(work, last.id)
        more = RecordDay(day=last.day, code="PF-06", weight=Weight.CONTRIBUTING, explanation=mark, party=mark)
        record_day(work, stay, more)
        rejected = reject_draft(work, second.id, RejectDraft(reason=RejectReason.OTHER, note=mark))
        hour = at.astimezone(ZONE) - timedelta(hours=26)
        said_delay = RecordDelay(
            since_on=hour.date(), since_at=hour.time().replace(microsecond=0), code="HS-02", explanation=mark,
            until_on=(hour + timedelta(hours=2)).date(), until_at=(hour + timedelta(hours=2)).time(),
        )  # fmt: skip
        delay = record_delay(work, stay, said_delay)
        cost = set_cost(
            work,
            world.facility["NORTH"],
            SetCost(
                setting=CostSetting.FACILITY, dollars=812, convention=CostConvention.VARIABLE_DIRECT,
                source="Cost accounting", begins=local.date(),
            ),
        )  # fmt: skip
        done = RecordAction(
            code="PF-06", what=mark, owner=mark, state=ActionState.IN_PLACE, since=local.date(), expected=mark
        )
        action = record_action(work, world.facility["NORTH"], done)
        return {
            "entry_id": str(made.entry_id), "entry_version_id": str(made.id),
            "rejection_id": str(rejected.id), "delay_id": str(delay.id),
            "cost_id": str(cost.id), "proposal_id": str(drafts_of(work, stay)[0].id), "reason_code": "PA-01",
            "action_id": str(action.action_id),
        }  # fmt: skip
