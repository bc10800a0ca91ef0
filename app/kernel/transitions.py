"""Life cycles as tables: `{(state, action): next state}`, one line per thing that may happen.

The table is the whole life cycle. From it come the next state, the refusal, the buttons to show, the diagram in the
docs, and tests: every state is reachable, every pair is either in the table or refused, final states have no way out.
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from app.kernel.refusal import Refused

State = TypeVar("State", bound=Enum)
Action = TypeVar("Action", bound=Enum)
Table = Mapping[tuple[State, Action], State]


def after(table: Table[State, Action], state: State, action: Action, *, noun: str = "record") -> State:
    """The state that the action leads to. `noun` is what the sentence of the refusal calls the subject."""
    try:
        return table[state, action]
    except KeyError:
        raise Refused(_refusal(table, state, action, noun)) from None


def actions(table: Table[State, Action], state: State) -> list[Action]:
    """What may be done in that state, in the order of the table: the buttons to show."""
    return [action for (origin, action) in table if origin == state]


def states(table: Table[State, Action]) -> list[State]:
    """Every state that the table names, in the order in which it names them."""
    named: dict[State, None] = {}
    for (origin, _), following in table.items():
        named[origin] = None
        named[following] = None
    return list(named)


def finals(table: Table[State, Action]) -> list[State]:
    """States without a way out."""
    origins = {origin for origin, _ in table}
    return [state for state in states(table) if state not in origins]


def unreachable(table: Table[State, Action], start: State) -> list[State]:
    """States that no sequence of actions reaches from `start`: a mistake in the table, always."""
    reached, waiting = {start}, [start]
    while waiting:
        origin = waiting.pop()
        for action in actions(table, origin):
            following = table[origin, action]
            if following not in reached:
                reached.add(following)
                waiting.append(following)
    return [state for state in states(table) if state not in reached]


def diagram(table: Table[State, Action], start: State) -> str:
    """The life cycle as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {_identifier(start)}"]
    for (origin, action), following in table.items():
        lines.append(f"    {_identifier(origin)} --> {_identifier(following)}: {_words(action)}")
    lines += [f"    {_identifier(state)} --> [*]" for state in finals(table)]
    return "\n".join(lines)


def _refusal(table: Table[State, Action], state: State, action: Action, noun: str) -> str:
    possible = [_words(item) for item in actions(table, state)]
    way_out = f"Possible now: {', '.join(possible)}." if possible else "Nothing more can be done with it."
    return f"This {noun} is {_words(state)}, so “{_words(action)}” is not possible. {way_out}"


def _words(member: Enum) -> str:
    return str(member.value).replace("_", " ")


def _identifier(member: Enum) -> str:
    return str(member.value).replace(" ", "_").replace("-", "_")
