"""Questions to physicians, put and answered by people of the small hospital."""

import uuid
from datetime import datetime
from typing import Any

from app.advisor.commands import (
    PutQuestion,
    Say,
    SignAnswer,
    answer_back,
    decide,
    escalate,
    hand_over,
    move_up,
    strike_decision,
    strike_out,
    take,
    withdraw,
)
from app.advisor.models import EscalationDecision
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.world import NOW, World

QUESTION = "Are two midnights expected from the order on?"
HELPED = {"take": take, "hand_over": hand_over, "answer_back": answer_back, "move_up": move_up, "withdraw": withdraw,
          "strike_out": strike_out, "strike_decision": strike_decision}  # fmt: skip


def ask(
    world: World, stay: uuid.UUID, kind: str = "status_question", at: datetime = NOW, name: str = "dana"
) -> uuid.UUID:
    """Put a question; its key."""
    with begin(world.viewer(name).acting(Permission.ESCALATE), at=at) as work:
        return escalate(work, stay, PutQuestion.model_validate({"kind": kind, "question": QUESTION})).escalation_id


def sign(
    world: World, question: uuid.UUID, outcome: str, reason: str, at: datetime = NOW, name: str = "paul", **more: Any
) -> EscalationDecision:
    """Sign an answer."""
    with begin(world.viewer(name).acting(Permission.ESCALATE), at=at) as work:
        asked = SignAnswer.model_validate({"outcome": outcome, "reason": reason, **more})
        return decide(work, question, asked)


def do(world: World, what: str, question: uuid.UUID, note: str = "said in the test", name: str = "dana") -> None:
    """Any of the plain steps."""
    with begin(world.viewer(name).acting(Permission.ESCALATE), at=NOW) as work:
        HELPED[what](work, question, Say(note=note))


def stands(question: uuid.UUID) -> tuple[str, str, datetime | None]:
    """State, rung and due time of a question."""
    with reading(everywhere("test")) as db:
        return db.rows(
            lambda *row: row,
            "select state, rung, due_at from escalation where escalation_id = %s and ended_at is null",
            (question,),
        )[0]


def owed(rule: str) -> list[tuple[str, datetime | None, datetime | None]]:
    """What is stored as owed under a rule: subject, due, closed."""
    with reading(everywhere("test")) as view:
        query = "select subject, due_at, closed_at from obligation where ended_at is null and required and rule = %s"
        return view.rows(lambda *row: row, query, (rule,))


def recorded(name: str) -> list[dict[str, Any]]:
    """The facts of the events of this name."""
    with reading(everywhere("test")) as view:
        return view.values("select facts from audit_event where name = %s order by id", (name,))
