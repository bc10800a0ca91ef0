"""The rows behind five tiles, each by the condition of the worklist that the tile opens: what is counted is listed."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from app.census.worklist import PATIENT, PAYER
from app.payers.worklist import THROUGH
from app.platform.reads.together import Question, together
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.tiles.worklist import DEADLINES, LONG, LOST, OWES_REVIEW, REVIEWS, RISK, STILL_PAST
from app.worklists.view import View


class TileRow(msgspec.Struct):
    """A stay of a tile: who, where, who pays, whose it is."""

    id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    payer: str
    authorized: str
    owner: str


class OwedRow(TileRow):
    """What is overdue or due: the first of it, and which rules in all."""

    title: str
    at: datetime
    rules: list[str]


class LongRow(TileRow):
    """A stay past its expected length."""

    day: int
    gmlos: float
    ready_at: datetime | None
    barriers: list[str] | None
    expected_on: date | None


class LostRow(TileRow):
    """A day that was lost yesterday: recorded, or proposed and waiting."""

    code: str
    party_kind: str
    party: str
    amount: float
    draft: bool


class RiskRow(TileRow):
    """Denials of a stay, and a peer-to-peer talk that is due."""

    denials: int
    amount: Decimal | None
    unknown: bool | None
    level: str
    denial_at: datetime | None
    talk_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Tile:
    """A list, what its rows carry, and which joins that needs besides those of the list."""

    name: str
    shape: type[TileRow]
    fields: tuple[str, ...]
    joins: tuple[str, ...] = ()


def _sql(column: Any, name: str) -> str:
    return next(str(one.sql) for one in column.fields if one.name == name)


_BASE = (
    "e.id", "e.patient_id", _sql(PATIENT, "name"), _sql(PATIENT, "place"), _sql(PAYER, "payer"),
    _sql(THROUGH, "authorized"), "coalesce(u.display_name, '')",
)  # fmt: skip
_LEVEL = "case when dn.appealed then 'appeal under way' when dn.talk then 'P2P asked' when dn.many > 0 then 'open' end"
TILES = (
    _Tile(REVIEWS, OwedRow, ("tr.title", "tr.at", "tr.rules")),
    _Tile(DEADLINES, OwedRow, ("td.title", "td.at", "td.rules")),
    _Tile(LONG, LongRow, ("s.day::int", "e.gmlos::float8", "pr.ready_at", "pb.kinds", "pd.day"),
          ("plan_ready", "plan_barriers")),
    _Tile(LOST, LostRow, ("tl.code", "tl.party_kind", "tl.party", "tl.amount::float8", "tl.draft")),
    _Tile(RISK, RiskRow, ("dn.many", "dn.amount", "dn.unknown", f"coalesce({_LEVEL}, '')", "dd.at", "tt.at")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows by list, in its order; how many stays are past their expected length in all, and how many have a review
    that is due some time; stays kept from the reader."""

    rows: Mapping[str, Sequence[Any]]
    past: int
    due: int
    kept_back: int


def ask_for(db: Reading, viewer: Viewer, name: str) -> Ask:
    """The worklist of a tile, as its own page asks for it."""
    return Ask(REGISTRY, REGISTRY.lists[name], View(name), db, viewer)


def answers(db: Reading, viewer: Viewer) -> Answers:
    """All rows of all tiles in one way to the server and back."""
    questions = [_question(ask_for(db, viewer, one.name), one) for one in TILES]
    values = ask_for(db, viewer, LONG).values()
    past = f"select count(*)::int {REGISTRY.source(('days',), patient=False)} where e.facility_id = %(facility)s and "
    questions.append(Question(int, past + STILL_PAST, values))
    due = f"select count(*)::int {REGISTRY.source((), patient=False)} where e.facility_id = %(facility)s and "
    questions.append(Question(int, due + OWES_REVIEW, values))
    kept = "select count(*)::int from restricted_stays() r where r.facility_id = %(facility)s"
    questions.append(Question(int, kept, values))
    *found, past_all, due_all, kept_back = together(db, questions)
    rows = {tile.name: answered for tile, answered in zip(TILES, found, strict=True)}
    return Answers(rows, past_all[0], due_all[0], kept_back[0])


def _question(ask: Ask, tile: _Tile) -> Question:
    spec = ask.built.spec
    keys = [REGISTRY.sorts[one.key] for one in ask.sorts]
    used = {*spec.joins, *tile.joins, "owner", "authorized", *(join for key in keys for join in key.joins)}
    # What is furthest past its expected length comes first.
    order = ", ".join(f"{key.sql}{' desc' if key.name == 'over' else ''} nulls last" for key in keys)
    query = (
        f"select {', '.join((*_BASE, *tile.fields))} {REGISTRY.source(used)}"
        f" where e.facility_id = %(facility)s and ({spec.condition}) order by {order}, e.id"
    )
    return Question(tile.shape, query, ask.values())
