"""The house: facilities, people, the audit trail, the inbox, the census, assignments and notes."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.functions import FUNCTIONS
from migrations.helpers import (
    APP_ROLE,
    EVERYWHERE,
    IN_SCOPE,
    INTERFACE,
    NOT_ATTENDING,
    STAY_VISIBLE,
    WHOLE,
    append_only,
    audited,
    execute,
    granted,
    never_emptied,
    scoped,
    scoped_by_facility,
    scoped_by_stay,
    stay_in_reach,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Tables first, then the functions that policies and triggers call, then policies, triggers and grants."""
    _tables()
    for statement in FUNCTIONS:
        execute(statement)
    _policies()
    _movements_do_not_overlap()
    execute((SQL / "procrastinate_3_10_0.sql").read_text())
    execute(f"grant usage on schema public to {APP_ROLE}")
    execute(
        f"grant select, insert, update, delete on procrastinate_jobs, procrastinate_events, procrastinate_workers,"
        f" procrastinate_periodic_defers to {APP_ROLE}"
    )
    execute(f"grant usage on all sequences in schema public to {APP_ROLE}")
    # Some of them look as the owner: nobody else who may sign in to this server calls them.
    execute("revoke execute on all functions in schema public from public")
    execute(f"grant execute on all functions in schema public to {APP_ROLE}")
    execute(f"grant select on alembic_version to {APP_ROLE}")


def _policies() -> None:
    in_interface = f"{INTERFACE} and (facility_id is null or {IN_SCOPE})"
    for table in (
        "facility",
        "app_user",
        "role_grant",
        "unit",
        "feed",
        "patient",
        "encounter",
        "movement",
        "coverage",
        "diagnosis",
        "census_exception",
        "sensitive_mark",
        "stay_access",
        "inbound_pending",
        "inbound_problem",
        "assignment",
        "note",
        "user_session",
        "sign_in_attempt",
    ):
        granted(table)
    for table in ("audit_event", "phi_access", "adt_fact", "inbound_message"):
        append_only(table)
    for table in ("row_change", "audit_seal"):
        granted(table, "select")

    for table in ("unit", "feed"):
        scoped_by_facility(table)
    scoped(
        "encounter",
        f"{IN_SCOPE} and (sensitivity = '' or facility_id = any((select app_sensitive())::smallint[])"
        " or id = any((select app_opened())::uuid[])"
        " or facility_id = any((select app_attending_at())::smallint[]))"
        f" and (facility_id = any({WHOLE}) or attending_number = (select app_attending()))",
    )
    in_facilities = "facility_ids && (select app_facilities())::smallint[]"
    scoped(
        "patient",
        f"{in_facilities} and ((facility_ids && {WHOLE}"
        " and (sensitivity = '' or facility_ids && (select app_sensitive())::smallint[]))"
        " or exists (select 1 from encounter e where e.patient_id = patient.id))",
        in_facilities,
    )
    for table in ("movement", "coverage", "diagnosis", "sensitive_mark", "assignment", "note"):
        scoped_by_stay(table)
    own = "user_id = (select app_person())"
    scoped(
        "stay_access",
        f"{IN_SCOPE} and ({own} or {STAY_VISIBLE})",
        f"{IN_SCOPE} and (({own} and kind = 'glass') or {stay_in_reach('stay_access')})",
    )
    scoped(
        "census_exception",
        f"({IN_SCOPE} and {STAY_VISIBLE} and (encounter_id is not null or {NOT_ATTENDING}))"
        f" or (facility_id is null and {INTERFACE})",
        f"facility_id is null or {IN_SCOPE}",
    )
    for table in ("adt_fact", "inbound_message", "inbound_pending", "inbound_problem"):
        scoped(table, in_interface, f"facility_id is null or {IN_SCOPE}")
    _policies_of_the_trail()

    audited("app_user", secret=("password_hash", "totp_secret", "totp_last_step"))
    audited("sensitive_mark", key="encounter_id")
    for table in (
        "facility",
        "role_grant",
        "unit",
        "feed",
        "patient",
        "encounter",
        "movement",
        "coverage",
        "diagnosis",
        "census_exception",
        "stay_access",
        "inbound_problem",
        "assignment",
        "note",
    ):
        audited(table)


def _policies_of_the_trail() -> None:
    """What is kept about a stay or a patient is for those who may see them; nothing at all without a scope."""
    scoped(
        "audit_event",
        f"{EVERYWHERE} or case"
        f" when encounter_id is not null and facility_id is not null then {IN_SCOPE} and {STAY_VISIBLE}"
        " when encounter_id is not null then exists (select 1 from encounter e where e.id = audit_event.encounter_id)"
        f" when patient_id is not null then (facility_id is null or {IN_SCOPE})"
        " and exists (select 1 from patient p where p.id = audit_event.patient_id)"
        f" when facility_id is not null then {IN_SCOPE} else (select app_facilities()) <> '{{}}' end",
        f"actor = current_setting('app.actor', true) and (facility_id is null or {IN_SCOPE})",
    )
    scoped(
        "row_change",
        f"{EVERYWHERE} or ({IN_SCOPE} and {STAY_VISIBLE} and (table_name <> 'inbound_problem' or {INTERFACE}))",
        "false",
    )
    scoped("phi_access", f"{EVERYWHERE} or facilities && (select app_facilities())::smallint[]", "true")
    for table in ("audit_event", "row_change", "phi_access", "audit_seal", "inbound_message", "adt_fact"):
        never_emptied(table)


def _movements_do_not_overlap() -> None:
    # Without extensions an exclusion constraint can only compare ranges: the stay and its lane become a range of one.
    execute(
        "alter table movement add constraint ex_movement_overlap exclude using gist ("
        " int8range(stay_serial::bigint * 8 + lane, stay_serial::bigint * 8 + lane, '[]') with &&,"
        " tstzrange(since, until) with &&) deferrable initially deferred"
    )


def _tables() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("display_name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("credentials", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("attending_number", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("password_hash", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("totp_secret", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("single_keys", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("theme", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
    )
    op.create_index("uq_app_user_name", "app_user", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.Column("encounter_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_encounter_id"), "audit_event", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_audit_event_patient_id"), "audit_event", ["patient_id"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("event_to", sa.BigInteger(), nullable=False),
        sa.Column("change_to", sa.BigInteger(), nullable=False),
        sa.Column("access_to", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "facility",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("timezone", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("totp_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("build_at", sa.Time(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('acute', 'ltch', 'cah')", name=op.f("ck_facility_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("code", name=op.f("uq_facility_code")),
    )
    op.create_table(
        "inbound_pending",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbound_pending")),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("authority", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("number", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("facility_ids", postgresql.ARRAY(sa.SmallInteger()), server_default="{}", nullable=False),
        sa.Column("status", sa.String(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("family", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("given", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("middle", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("suffix", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("birth_text", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sex", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("deceased", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("zip_code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("language", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sensitivity", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("identifiers", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint("status in ('active', 'merged', 'deleted')", name=op.f("ck_patient_status")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["patient.id"], name=op.f("fk_patient_merged_into_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("authority", "number", name=op.f("uq_patient_authority_number")),
    )
    op.create_index(op.f("ix_patient_merged_into_id"), "patient", ["merged_into_id"], unique=False)
    op.create_index(
        "ix_patient_number",
        "patient",
        [sa.literal_column("lower(number)").label("lower_number")],
        unique=False,
        postgresql_ops={"lower_number": "text_pattern_ops"},
    )
    op.create_index(
        "ix_patient_search",
        "patient",
        [
            sa.literal_column("lower(family)").label("lower_family"),
            sa.literal_column("lower(given)").label("lower_given"),
        ],
        unique=False,
        postgresql_ops={"lower_family": "text_pattern_ops", "lower_given": "text_pattern_ops"},
    )
    op.create_table(
        "phi_access",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("route", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("address", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("detail", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("patients", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("facilities", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phi_access")),
    )
    op.create_index(op.f("ix_phi_access_actor_id"), "phi_access", ["actor_id"], unique=False)
    op.create_index(op.f("ix_phi_access_at"), "phi_access", ["at"], unique=False)
    op.create_table(
        "row_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("table_name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("row_key", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.Column("encounter_id", sa.Uuid(), nullable=True),
        sa.Column("operation", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_change")),
    )
    op.create_index(op.f("ix_row_change_encounter_id"), "row_change", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_row_change_row_key"), "row_change", ["row_key"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("failed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_sign_in_attempt")),
    )
    op.create_table(
        "adt_fact",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_adt_fact_facility_id_facility")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_adt_fact")),
    )
    op.create_index(
        "ix_adt_fact_keys",
        "adt_fact",
        ["keys"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "encounter",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("serial", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("authority", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("visit_number", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("account_number", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("home_patient_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("patient_class", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("admit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inpatient_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observation_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("class_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discharge_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discharge_precise", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("disposition", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("unit", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("room", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("bed", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("location", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("place_facility", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("last_location", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("service", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("attending_number", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("attending_name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("admit_source", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("admit_type", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("admit_reason", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("financial_class", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("payer_code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("payer_name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("drg", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("gmlos", sa.Float(), nullable=True),
        sa.Column("expected_discharge_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pending_kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("pending_location", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("pending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sensitivity", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("inferred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("first_message_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("united_into_id", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "patient_class in ('IP', 'OBS', 'OP', 'ED', 'PRE', 'RCR', 'UNK')", name=op.f("ck_encounter_patient_class")
        ),
        sa.CheckConstraint("sensitivity in ('', 'vip', 'employee', 'part2')", name=op.f("ck_encounter_sensitivity")),
        sa.CheckConstraint(
            "status in ('preadmit', 'registered', 'admitted', 'on_leave', 'discharged', 'cancelled')",
            name=op.f("ck_encounter_status"),
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_encounter_facility_id_facility")),
        sa.ForeignKeyConstraint(["home_patient_id"], ["patient.id"], name=op.f("fk_encounter_home_patient_id_patient")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_encounter_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
        sa.ForeignKeyConstraint(
            ["united_into_id"], ["encounter.id"], name=op.f("fk_encounter_united_into_id_encounter")
        ),
        sa.UniqueConstraint(
            "authority",
            "visit_number",
            "gone_at",
            name="uq_encounter_authority_visit_number",
            deferrable=True,
            initially="DEFERRED",
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("serial", name=op.f("uq_encounter_serial")),
    )
    op.create_index(op.f("ix_encounter_attending_number"), "encounter", ["attending_number"], unique=False)
    op.create_index(op.f("ix_encounter_united_into_id"), "encounter", ["united_into_id"], unique=False)
    op.create_index(
        "ix_encounter_census",
        "encounter",
        ["facility_id", "patient_class"],
        unique=False,
        postgresql_where=sa.text("status in ('admitted', 'on_leave')"),
    )
    op.create_index("ix_encounter_departed", "encounter", ["facility_id", "discharge_at"], unique=False)
    op.create_index(op.f("ix_encounter_facility_id"), "encounter", ["facility_id"], unique=False)
    op.create_index(op.f("ix_encounter_home_patient_id"), "encounter", ["home_patient_id"], unique=False)
    op.create_index(op.f("ix_encounter_patient_id"), "encounter", ["patient_id"], unique=False)
    op.create_index(
        "ix_encounter_room",
        "encounter",
        ["facility_id", "unit", "room"],
        unique=False,
        postgresql_where=sa.text("status in ('registered', 'admitted', 'on_leave')"),
    )
    op.create_index(
        "ix_encounter_sensitive", "encounter", ["id"], unique=False, postgresql_where=sa.text("sensitivity <> ''")
    )
    op.create_index(
        "ix_encounter_visit",
        "encounter",
        [sa.literal_column("lower(visit_number)").label("lower_visit_number")],
        unique=False,
        postgresql_ops={"lower_visit_number": "text_pattern_ops"},
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("authority", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("charset", sa.String(), server_default=sa.text("'cp1252'"), nullable=False),
        sa.Column("processing_ids", sa.String(), server_default=sa.text("'P'"), nullable=False),
        sa.Column("a08_moves", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("a08_class", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("enhanced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("classes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("silent_after_minutes", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_feed_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("facility_id", name=op.f("uq_feed_facility_id")),
        sa.UniqueConstraint("port", name=op.f("uq_feed_port")),
    )
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.Column("source", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("origin", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sending_application", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sending_facility", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("control_id", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("event", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("ack", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("refusal", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sentence", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("source in ('mllp', 'file', 'replay', 'demo')", name=op.f("ck_inbound_message_source")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_inbound_message_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_message")),
    )
    op.create_index("ix_inbound_message_heard", "inbound_message", ["facility_id", "received_at"], unique=False)
    op.create_index(
        "uq_inbound_message",
        "inbound_message",
        ["facility_id", "sending_application", "sending_facility", "control_id", "digest"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "inbound_problem",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sentence", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_inbound_problem_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_problem")),
    )
    op.create_index(op.f("ix_inbound_problem_facility_id"), "inbound_problem", ["facility_id"], unique=False)
    op.create_index(
        "uq_inbound_problem_open",
        "inbound_problem",
        ["message_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role in ('case_manager', 'ur_nurse', 'social_worker', 'physician_advisor', 'attending',"
            " 'chief_medical_officer', 'lead', 'director', 'administrator', 'privacy_officer', 'auditor')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_role_grant_facility_id_facility")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_role_grant_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "user_id",
            "role",
            "facility_id",
            name=op.f("uq_role_grant_user_id_role_facility_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_role_grant_facility_id"), "role_grant", ["facility_id"], unique=False)
    op.create_index(op.f("ix_role_grant_user_id"), "role_grant", ["user_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("beds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("service", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "kind in ('ward', 'intensive', 'step_down', 'observation', 'emergency', 'surgery',"
            " 'rehabilitation', 'psychiatric', 'ltac')",
            name=op.f("ck_unit_kind"),
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_unit_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("facility_id", "code", name=op.f("uq_unit_facility_id_code")),
    )
    op.create_index(op.f("ix_unit_facility_id"), "unit", ["facility_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("address", postgresql.INET(), nullable=True),
        sa.Column("agent", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("(ended_at is null) = (ended_because = '')", name=op.f("ck_user_session_ended")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_session_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_user_session_digest")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["assigned_by"], ["app_user.id"], name=op.f("fk_assignment_assigned_by_app_user")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_assignment_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_assignment_facility_id_facility")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_assignment_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_encounter_id"), "assignment", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_assignment_facility_id"), "assignment", ["facility_id"], unique=False)
    op.create_index(
        "ix_assignment_owner", "assignment", ["user_id"], unique=False, postgresql_where=sa.text("ended_at is null")
    )
    op.create_index(
        "uq_assignment_open", "assignment", ["encounter_id"], unique=True, postgresql_where=sa.text("ended_at is null")
    )
    op.create_table(
        "census_exception",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("subject", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("component", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("encounter_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_census_exception_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_census_exception_facility_id_facility")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_census_exception_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_census_exception")),
    )
    op.create_index(op.f("ix_census_exception_encounter_id"), "census_exception", ["encounter_id"], unique=False)
    op.create_index(
        "ix_census_exception_open",
        "census_exception",
        ["facility_id", "opened_at"],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(op.f("ix_census_exception_patient_id"), "census_exception", ["patient_id"], unique=False)
    op.create_index(
        "uq_census_exception_open",
        "census_exception",
        ["component", "kind", "subject", "facility_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "coverage",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("payer_code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("payer_name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("plan_code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("group_number", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("member_number", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("starts_text", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("ends_text", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_coverage_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_coverage_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
        sa.UniqueConstraint("encounter_id", "rank", name=op.f("uq_coverage_encounter_id_rank")),
    )
    op.create_table(
        "diagnosis",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_diagnosis_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_diagnosis_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnosis")),
        sa.UniqueConstraint("encounter_id", "rank", name=op.f("uq_diagnosis_encounter_id_rank")),
    )
    op.create_table(
        "movement",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("stay_serial", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("label", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lane in (1, 2, 3, 4, 5)", name=op.f("ck_movement_lane")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_movement_period")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_movement_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_movement_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
    )
    op.create_index("ix_movement_stay", "movement", ["encounter_id", "lane", "since"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("text", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_by", sa.Uuid(), nullable=True),
        sa.Column("struck_reason", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("struck_at is null or struck_reason <> ''", name=op.f("ck_note_struck_reason")),
        sa.CheckConstraint("text <> ''", name=op.f("ck_note_text")),
        sa.CheckConstraint("(struck_at is null) = (struck_by is null)", name=op.f("ck_note_struck")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_note_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_note_facility_id_facility")),
        sa.ForeignKeyConstraint(["first_id"], ["note.id"], name=op.f("fk_note_first_id_note")),
        sa.ForeignKeyConstraint(["struck_by"], ["app_user.id"], name=op.f("fk_note_struck_by_app_user")),
        sa.ForeignKeyConstraint(["written_by"], ["app_user.id"], name=op.f("fk_note_written_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_facility_id"), "note", ["facility_id"], unique=False)
    op.create_index("ix_note_stay", "note", ["encounter_id", "written_at"], unique=False)
    op.create_index("uq_note_version", "note", ["first_id", "version"], unique=True)
    op.create_table(
        "sensitive_mark",
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("sensitivity", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "sensitivity in ('', 'vip', 'employee', 'part2')", name=op.f("ck_sensitive_mark_sensitivity")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_sensitive_mark_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_sensitive_mark_facility_id_facility")),
        sa.ForeignKeyConstraint(["marked_by"], ["app_user.id"], name=op.f("fk_sensitive_mark_marked_by_app_user")),
        sa.PrimaryKeyConstraint("encounter_id", name=op.f("pk_sensitive_mark")),
    )
    op.create_table(
        "stay_access",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind <> 'glass' or reason <> ''", name=op.f("ck_stay_access_reason")),
        sa.CheckConstraint("kind in ('glass', 'assigned')", name=op.f("ck_stay_access_kind")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_stay_access_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_stay_access_facility_id_facility")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_stay_access_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_access")),
    )
    op.create_index(op.f("ix_stay_access_encounter_id"), "stay_access", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_stay_access_facility_id"), "stay_access", ["facility_id"], unique=False)
    op.create_index("ix_stay_access_user", "stay_access", ["user_id", "until"], unique=False)
    # ### end Alembic commands ###


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
