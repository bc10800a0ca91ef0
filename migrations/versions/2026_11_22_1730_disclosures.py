"""Disclosures to be accounted for, and parts of the trail that were moved to an archive."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import at, check, current, day, ended, index, key, links, made, word
from migrations.functions_sealing import SEALING
from migrations.helpers import IN_SCOPE, audited, execute, granted, remembered, scoped, scoped_by_stay

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

CATEGORIES = (
    "'required_by_law', 'public_health', 'protective_services', 'oversight', 'court', 'law_enforcement', 'coroner',"
    " 'organ_procurement', 'research', 'threat', 'government', 'workers_compensation', 'mistake'"
)


def upgrade() -> None:
    _disclosures()
    _suspensions()
    _requests()
    _steps()
    _archives()
    _seals()


def _disclosures() -> None:
    table = "disclosure"
    op.create_table(
        table,
        *key("disclosure_id", "encounter_id"),
        word("category"),
        day("disclosed_on"),
        *(word(name) for name in ("recipient", "address", "description", "basis", "purpose")),
        *made(),
        word("made_because"),
        *ended("ended_because", "ended_reason"),
        check(table, "category", f"category in ({CATEGORIES})"),
        check(table, "basis", "basis in ('statement', 'request')"),
        check(table, "told", "recipient <> '' and description <> '' and (basis = 'request' or purpose <> '')"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out')"),
        *links(table, encounter_id="encounter", made_by="app_user", ended_by="app_user"),
    )
    current("uq_disclosure_current", table, "disclosure_id")
    index("ix_disclosure_stay", table, "encounter_id", "made_at")
    scoped_by_stay(table)
    granted(table, "select, insert, update")
    audited(table)
    remembered(table, made="made_at")


def _suspensions() -> None:
    table = "disclosure_suspension"
    op.create_table(
        table,
        *key("patient_id"),
        *(word(name) for name in ("recipient", "statement", "reason")),
        day("begins"),
        day("ends"),
        *made(),
        *ended("ended_reason"),
        check(table, "statement", "statement in ('written', 'oral')"),
        check(table, "span", "ends >= begins and (statement = 'written' or ends <= begins + 30)"),
        *links(table, patient_id="patient", made_by="app_user", ended_by="app_user"),
    )
    index("ix_disclosure_suspension_patient", table, "patient_id", "made_at")
    _about_a_patient(table)


def _requests() -> None:
    table = "accounting_request"
    op.create_table(
        table,
        *key("patient_id"),
        day("asked_on"),
        word("asked_by"),
        day("begins"),
        day("ends"),
        *made(),
        *ended("ended_reason"),
        check(table, "period", "begins <= ends and ends <= asked_on"),
        *links(table, patient_id="patient", made_by="app_user", ended_by="app_user"),
    )
    index("ix_accounting_request_patient", table, "patient_id", "asked_on")
    index("ix_accounting_request_open", table, "facility_id", "asked_on", where="ended_at is null")
    _about_a_patient(table)


def _steps() -> None:
    table = "accounting_step"
    op.create_table(
        table,
        *key("patient_id", "request_id"),
        word("kind"),
        day("took_place_on"),
        word("reason"),
        *made(),
        *ended(),
        check(table, "kind", "kind in ('extended', 'given', 'withdrawn')"),
        check(table, "reason", "kind = 'given' or reason <> ''"),
        *links(table, patient_id="patient", request_id="accounting_request", made_by="app_user", ended_by="app_user"),
    )
    current("uq_accounting_step_current", table, "request_id", "kind")
    _about_a_patient(table)


def _about_a_patient(table: str) -> None:
    """Rows of one hospital about a person, for those who may know of the person there."""
    known = f"{IN_SCOPE} and exists (select 1 from patient p where p.id = {table}.patient_id)"
    scoped(table, known, known)
    granted(table, "select, insert, update")
    audited(table)


def _archives() -> None:
    table = "audit_archive"
    whole_numbers = ("seal_from", "seal_to", "event_to", "change_to", "access_to")
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in whole_numbers),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        at("sealed_from"),
        at("sealed_to"),
        word("file"),
        sa.Column("file_digest", sa.LargeBinary(), nullable=False),
        sa.Column("left_digest", sa.LargeBinary(), nullable=False),
        sa.Column("left_rows", sa.BigInteger(), nullable=False),
        at("made_at"),
        at("ended_at", null=True),
        check(table, "span", "seal_from <= seal_to"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    current("uq_audit_archive_current", table, "seal_from")
    granted(table, "select")
    audited(table)


def _seals() -> None:
    op.add_column("audit_seal", sa.Column("parts", postgresql.ARRAY(sa.LargeBinary()), nullable=True))
    op.add_column("audit_seal", sa.Column("counts", postgresql.ARRAY(sa.BigInteger()), nullable=True))
    execute(SEALING)


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
