"""Reviews read a second time: shares, draws, who reads what, what was found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import audited, granted, scoped_by_facility, scoped_by_stay

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OUTCOMES = "outcome in ('met', 'not_met', 'pending_information')"
ENDED = "(ended_at is null) = (ended_reason = '')"


def upgrade() -> None:
    _shares()
    _samples()
    _claims()
    _readings()
    for table in ("sample_share", "review_sample"):
        scoped_by_facility(table)
    for table in ("sampled_review", "second_reading_claim", "second_reading"):
        scoped_by_stay(table)
    granted("sampled_review", "select, insert")
    audited("sampled_review")
    for table in ("sample_share", "review_sample", "second_reading_claim", "second_reading"):
        granted(table, "select, insert, update")
        audited(table)


def _shares() -> None:
    table = "sample_share"
    op.create_table(
        table, *_key(), sa.Column("percent", sa.Integer(), nullable=False), *_made(), *_ended(),
        sa.CheckConstraint("percent between 1 and 100", name=op.f("ck_sample_share_percent")),
        *_links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    _current("uq_sample_share_current", table, "facility_id")


def _samples() -> None:
    table = "review_sample"
    op.create_table(
        table, *_key(), sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False), sa.Column("percent", sa.Integer(), nullable=False),
        _word("seed"), sa.Column("eligible", sa.Integer(), nullable=False), *_made(), *_ended("ended_reason"),
        sa.CheckConstraint("percent between 1 and 100", name=op.f("ck_review_sample_percent")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_review_sample_days")),
        sa.CheckConstraint("eligible > 0", name=op.f("ck_review_sample_eligible")),
        sa.CheckConstraint(ENDED, name=op.f("ck_review_sample_ended")),
        *_links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    op.create_index("ix_review_sample_facility", table, ["facility_id", "made_at"])
    table = "sampled_review"
    op.create_table(
        table, *_key("encounter_id"), sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False), sa.Column("version_id", sa.Uuid(), nullable=False),
        _at("made_at"),
        *_links(table, encounter_id="encounter", sample_id="review_sample", version_id="review"),
    )  # fmt: skip
    op.create_index("uq_sampled_review_once", table, ["sample_id", "review_id"], unique=True)
    op.create_index("ix_sampled_review_review", table, ["review_id"])
    op.create_index("ix_sampled_review_stay", table, ["encounter_id"])


def _claims() -> None:
    table = "second_reading_claim"
    because = "ended_because in ('', 'signed', 'given_back', 'withdrawn')"
    op.create_table(
        table, *_key("encounter_id"), sa.Column("sampled_id", sa.Uuid(), nullable=False), _at("taken_at"),
        sa.Column("taken_by", sa.Uuid(), nullable=True), *_ended("ended_because"),
        sa.CheckConstraint("(ended_at is null) = (ended_because = '')", name=op.f(f"ck_{table}_ended")),
        sa.CheckConstraint(because, name=op.f(f"ck_{table}_ended_because")),
        *_links(table, encounter_id="encounter", sampled_id="sampled_review", taken_by="app_user",
                ended_by="app_user"),
    )  # fmt: skip
    _current("uq_second_reading_claim_current", table, "sampled_id")
    op.create_index("ix_second_reading_claim_reader", table, ["taken_by", "encounter_id"],
                    postgresql_where=sa.text("ended_at is null"))  # fmt: skip


def _readings() -> None:
    table = "second_reading"
    op.create_table(
        table, *_key("encounter_id"), sa.Column("sampled_id", sa.Uuid(), nullable=False),
        _document("answers", "{}"), _document("met", "[]"),
        sa.Column("qualifies", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _word("outcome"), _word("reason"), _at("started_at"), *_made(), *_ended("ended_reason"),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_second_reading_outcome")),
        sa.CheckConstraint("started_at <= made_at", name=op.f("ck_second_reading_order")),
        sa.CheckConstraint(ENDED, name=op.f("ck_second_reading_ended")),
        *_links(table, encounter_id="encounter", sampled_id="sampled_review", made_by="app_user",
                ended_by="app_user"),
    )  # fmt: skip
    _current("uq_second_reading_current", table, "sampled_id")
    op.create_index("ix_second_reading_stay", table, ["encounter_id"])


def _key(*links: str) -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in links),
    ]


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False)


def _document(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(
        name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text(f"'{empty}'"), nullable=False
    )


def _made() -> list[sa.Column[object]]:
    return [_at("made_at"), sa.Column("made_by", sa.Uuid(), nullable=True)]


def _ended(*more: str) -> list[sa.Column[object]]:
    return [
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        *(_word(name) for name in more),
    ]


def _links(table: str, **targets: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in {"facility_id": "facility", **targets}.items()
        ),
    ]


def _current(name: str, table: str, *columns: str) -> None:
    op.create_index(name, table, list(columns), unique=True, postgresql_where=sa.text("ended_at is null"))


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
