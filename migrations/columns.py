"""Columns, links and indexes that the tables of a step have in common."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def key(*links: str) -> list[sa.Column[object]]:
    """The key of a row, its facility, and columns that hold keys of other rows."""
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in links),
    ]


def at(name: str, *, null: bool = False) -> sa.Column[object]:
    """An instant."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def day(name: str, *, null: bool = False) -> sa.Column[object]:
    """A local day."""
    return sa.Column(name, sa.Date(), nullable=null)


def word(name: str, default: str = "") -> sa.Column[str]:
    """A word or a text, empty unless it is given."""
    return sa.Column(name, sa.String(), server_default=sa.text(f"'{default}'"), nullable=False)


def yes(name: str) -> sa.Column[bool]:
    """A statement that is not true unless somebody says so."""
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def document(name: str, empty: str = "{}") -> sa.Column[object]:
    """Structured content whose shape the code owns."""
    return sa.Column(
        name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text(f"'{empty}'"), nullable=False
    )


def person(name: str) -> sa.Column[object]:
    """Somebody with an account; empty where a program did it."""
    return sa.Column(name, sa.Uuid(), nullable=True)


def made() -> list[sa.Column[object]]:
    """When a version was entered, and by whom."""
    return [at("made_at"), person("made_by")]


def ended(*words: str) -> list[sa.Column[object]]:
    """When a version ceased to stand, by whom, and why."""
    return [at("ended_at", null=True), person("ended_by"), *(word(name) for name in words)]


def links(table: str, **targets: str) -> list[sa.Constraint]:
    """The primary key, the link to the facility, and links from columns to other tables."""
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in {"facility_id": "facility", **targets}.items()
        ),
    ]


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    """A condition that every row meets."""
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    """An index, of the rows that meet a condition where one is given."""
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), unique=unique, postgresql_where=condition)


def current(name: str, table: str, *columns: str) -> None:
    """At most one standing version."""
    index(name, table, *columns, unique=True, where="ended_at is null")
