"""Reviews: versions of reviews with their points; criteria sets of the hospital, licensed products."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import (
    audited,
    granted,
    remembered,
    remembered_from_copies,
    scoped_by_facility,
    scoped_by_stay,
)

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


KINDS = "kind in ('admission', 'continued_stay', 'retrospective', 'pre_admission', 'observation')"


def upgrade() -> None:
    _criteria()
    _reviews()


def _criteria() -> None:
    """Criteria sets of a hospital and licensed products; both belong to a facility, neither is rewritten."""
    op.create_table(
        "criteria_set",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("set_id", "version", "title"),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        *_made_and_ended(sa.Column("last_day", sa.Date(), nullable=True)),
        sa.CheckConstraint("(ended_at is null) = (last_day is null)", name=op.f("ck_criteria_set_ended")),
        *_of_facility("criteria_set"),
    )
    op.create_index("uq_criteria_set_version", "criteria_set", ["facility_id", "set_id", "version"], unique=True)
    op.create_table(
        "licensed_product",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("vendor", "product", "release"),
        sa.Column("subsets", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("agreed", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        *_made_and_ended(),
        sa.CheckConstraint("ends is null or ends >= begins", name=op.f("ck_licensed_product_days")),
        *_of_facility("licensed_product"),
    )
    op.create_index(
        "uq_licensed_product_current",
        "licensed_product",
        ["facility_id", sa.text("lower(product)"), sa.text("lower(release)")],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    for table in ("criteria_set", "licensed_product"):
        scoped_by_facility(table)
        granted(table, "select, insert, update")
        audited(table)


def _reviews() -> None:
    """Versions of reviews, drafts, certifications of physicians, policies of a hospital."""
    _review_versions()
    _review_drafts()
    _certifications()
    op.create_table(
        "review_exemption",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("code", "label", "explanation"),
        *_made_and_ended(),
        sa.CheckConstraint("code <> '' and label <> ''", name=op.f("ck_review_exemption_named")),
        *_of_facility("review_exemption"),
    )
    _index("uq_review_exemption_current", "review_exemption", "facility_id", "code", unique=True, current=True)
    scoped_by_facility("review_exemption")
    for table in ("review", "review_draft", "certification"):
        scoped_by_stay(table)
    for table in ("review", "review_draft", "certification", "review_exemption"):
        granted(table, "select, insert, update")
        audited(table)
    remembered("review", made="made_at")
    remembered("certification", made="made_at")
    remembered_from_copies("review_draft")


def _review_versions() -> None:
    checks = {
        "kind": KINDS,
        "state": "state in ('signed', 'amended')",
        "outcome": "outcome in ('met', 'not_met', 'pending_information')",
        "override": "override in ('none', 'to_appropriate', 'to_inappropriate')",
        "override_reason": "override = 'none' or override_reason <> ''",
        "not_met": "outcome <> 'not_met' or (reason <> '' and level <> '' and recommended_level <> ''"
        " and (referred or exemption <> ''))",
        "pending": "outcome <> 'pending_information' or (awaited <> '' and awaited_from <> '')",
        "order": "started_at <= signed_at and signed_at <= made_at",
        "criteria": "(set_id = '') = (licensed <> '{}')",
        "ended": "(ended_at is null) = (ended_because = '')",
        "ended_because": "ended_because in ('', 'amended', 'struck_out')",
    }
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("kind"),
        sa.Column("for_day", sa.Date(), nullable=False),
        *_words("state", "set_id", "set_version"),
        _document("licensed"),
        _document("answers"),
        _document("met", "[]"),
        sa.Column("qualifies", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_words("override", "override_reason", "outcome", "reason", "level", "recommended_level", "exemption"),
        sa.Column("referred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_words("question", "awaited", "awaited_from"),
        _document("summary", "[]"),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        *_made_and_ended(*_words("made_because")),
        *_words("ended_because", "ended_reason"),
        *(sa.CheckConstraint(text, name=op.f(f"ck_review_{name}")) for name, text in checks.items()),
        *_of_stay("review", "signed_by"),
    )
    _index("uq_review_current", "review", "review_id", unique=True, current=True)
    _index("uq_review_day", "review", "encounter_id", "kind", "for_day", unique=True, current=True)
    _index("ix_review_stay", "review", "encounter_id", "made_at")
    _index("ix_review_versions", "review", "review_id", "made_at")
    _index("ix_review_facility", "review", "facility_id", "signed_at", current=True)


def _review_drafts() -> None:
    table = "review_draft"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("kind"),
        sa.Column("for_day", sa.Date(), nullable=False),
        _document("content"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        *_words("ended_because"),
        sa.CheckConstraint(KINDS, name=op.f("ck_review_draft_kind")),
        sa.CheckConstraint("(ended_at is null) = (ended_because = '')", name=op.f("ck_review_draft_ended")),
        sa.CheckConstraint("ended_because in ('', 'signed', 'discarded')", name=op.f("ck_review_draft_ended_because")),
        *_of_stay(table, "opened_by", "saved_by", made_by=False),
    )
    _index("uq_review_draft_current", table, "encounter_id", "kind", "for_day", unique=True, current=True)
    _index("ix_review_draft_stay", table, "encounter_id")


def _certifications() -> None:
    table = "certification"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("kind", "physician"),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=False),
        *_words("statement"),
        *_made_and_ended(),
        *_words("ended_reason"),
        sa.CheckConstraint("kind in ('long_stay', 'critical_access')", name=op.f("ck_certification_kind")),
        sa.CheckConstraint("certified_at <= made_at", name=op.f("ck_certification_past")),
        sa.CheckConstraint("(ended_at is null) = (ended_reason = '')", name=op.f("ck_certification_ended")),
        *_of_stay(table),
    )
    _index("ix_certification_stay", table, "encounter_id", "made_at")


def _document(name: str, empty: str = "{}") -> sa.Column[object]:
    return sa.Column(
        name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text(f"'{empty}'"), nullable=False
    )


def _index(name: str, table: str, *columns: str, unique: bool = False, current: bool = False) -> None:
    more = {"postgresql_where": sa.text("ended_at is null")} if current else {}
    op.create_index(name, table, list(columns), unique=unique, **more)


def _of_stay(table: str, *people: str, made_by: bool = True) -> list[sa.Constraint]:
    own = ("made_by", "ended_by") if made_by else ("ended_by",)
    links = {"facility_id": "facility", "encounter_id": "encounter"} | dict.fromkeys((*people, *own), "app_user")
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in links.items()
        ),
    ]


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False) for name in names]


def _made_and_ended(*between: sa.Column[object]) -> list[sa.Column[object]]:
    return [
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        *between,
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
    ]


def _of_facility(table: str) -> list[sa.Constraint]:
    links = {"facility_id": "facility", "made_by": "app_user", "ended_by": "app_user"}
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in links.items()
        ),
    ]


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
