"""Census files: what each said, what people repaired by them, which stays files lacked until they were closed."""

from migrations.helpers import EVERYWHERE, IN_SCOPE, append_only, audited, execute, granted, never_emptied, scoped

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    """
    create table census_file_setting (
      id UUID DEFAULT uuidv7() NOT NULL,
      facility_id SMALLINT NOT NULL,
      use VARCHAR DEFAULT 'automatic' NOT NULL,
      absent_after INTEGER DEFAULT 3 NOT NULL,
      headers JSONB DEFAULT '{}' NOT NULL,
      mrn_width INTEGER DEFAULT 0 NOT NULL,
      visit_width INTEGER DEFAULT 0 NOT NULL,
      CONSTRAINT pk_census_file_setting PRIMARY KEY (id),
      CONSTRAINT uq_census_file_setting_facility_id UNIQUE (facility_id),
      CONSTRAINT ck_census_file_setting_use CHECK (use in ('automatic', 'source', 'check')),
      CONSTRAINT ck_census_file_setting_absent_after CHECK (absent_after between 1 and 99),
      CONSTRAINT fk_census_file_setting_facility_id_facility FOREIGN KEY(facility_id) REFERENCES facility (id)
    )
    """,
    """
    create table census_file (
      id INTEGER GENERATED ALWAYS AS IDENTITY,
      facility_id SMALLINT NOT NULL,
      name VARCHAR DEFAULT '' NOT NULL,
      taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
      received_at TIMESTAMP WITH TIME ZONE NOT NULL,
      received_by UUID,
      digest BYTEA NOT NULL,
      habits BYTEA NOT NULL,
      raw BYTEA NOT NULL,
      encoding VARCHAR DEFAULT '' NOT NULL,
      delimiter VARCHAR DEFAULT '' NOT NULL,
      headers JSONB NOT NULL,
      problems JSONB NOT NULL,
      row_count INTEGER DEFAULT 0 NOT NULL,
      refused_count INTEGER DEFAULT 0 NOT NULL,
      whole BOOLEAN DEFAULT true NOT NULL,
      applied BOOLEAN DEFAULT false NOT NULL,
      CONSTRAINT pk_census_file PRIMARY KEY (id),
      CONSTRAINT uq_census_file_facility_id_digest_taken_at_habits UNIQUE (facility_id, digest, taken_at, habits),
      CONSTRAINT fk_census_file_facility_id_facility FOREIGN KEY(facility_id) REFERENCES facility (id),
      CONSTRAINT fk_census_file_received_by_app_user FOREIGN KEY(received_by) REFERENCES app_user (id)
    )
    """,
    """
    create table census_file_row (
      id UUID DEFAULT uuidv7() NOT NULL,
      file_id INTEGER NOT NULL,
      facility_id SMALLINT NOT NULL,
      line INTEGER NOT NULL,
      visit VARCHAR DEFAULT '' NOT NULL,
      patient VARCHAR DEFAULT '' NOT NULL,
      content JSONB,
      message_id BIGINT,
      CONSTRAINT pk_census_file_row PRIMARY KEY (id),
      CONSTRAINT fk_census_file_row_file_id_census_file FOREIGN KEY(file_id) REFERENCES census_file (id),
      CONSTRAINT fk_census_file_row_facility_id_facility FOREIGN KEY(facility_id) REFERENCES facility (id)
    )
    """,
    """
    create index ix_census_file_row_file on census_file_row (file_id, line)
    """,
    """
    create index ix_census_file_row_visit on census_file_row (visit)
    """,
    """
    create table census_upload (
      id UUID DEFAULT uuidv7() NOT NULL,
      facility_id SMALLINT NOT NULL,
      user_id UUID NOT NULL,
      name VARCHAR DEFAULT '' NOT NULL,
      taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
      raw BYTEA NOT NULL,
      uploaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
      CONSTRAINT pk_census_upload PRIMARY KEY (id),
      CONSTRAINT fk_census_upload_facility_id_facility FOREIGN KEY(facility_id) REFERENCES facility (id),
      CONSTRAINT fk_census_upload_user_id_app_user FOREIGN KEY(user_id) REFERENCES app_user (id)
    )
    """,
    """
    create table census_repair (
      id UUID DEFAULT uuidv7() NOT NULL,
      batch_id UUID NOT NULL,
      file_id INTEGER NOT NULL,
      facility_id SMALLINT NOT NULL,
      visit VARCHAR DEFAULT '' NOT NULL,
      kind VARCHAR DEFAULT '' NOT NULL,
      reason VARCHAR DEFAULT '' NOT NULL,
      messages BIGINT[] NOT NULL,
      made_at TIMESTAMP WITH TIME ZONE NOT NULL,
      made_by UUID,
      ended_at TIMESTAMP WITH TIME ZONE,
      ended_by UUID,
      CONSTRAINT pk_census_repair PRIMARY KEY (id),
      CONSTRAINT ck_census_repair_kind CHECK (kind in ('missing', 'extra', 'different')),
      CONSTRAINT fk_census_repair_file_id_census_file FOREIGN KEY(file_id) REFERENCES census_file (id),
      CONSTRAINT fk_census_repair_facility_id_facility FOREIGN KEY(facility_id) REFERENCES facility (id),
      CONSTRAINT fk_census_repair_made_by_app_user FOREIGN KEY(made_by) REFERENCES app_user (id),
      CONSTRAINT fk_census_repair_ended_by_app_user FOREIGN KEY(ended_by) REFERENCES app_user (id)
    )
    """,
    """
    create index ix_census_repair_facility_id on census_repair (facility_id)
    """,
    """
    create index ix_census_repair_file on census_repair (file_id)
    """,
    """
    create index ix_census_repair_batch on census_repair (batch_id)
    """,
    """
    create table census_closing (
      id UUID DEFAULT uuidv7() NOT NULL,
      facility_id SMALLINT NOT NULL,
      file_id INTEGER NOT NULL,
      visit VARCHAR DEFAULT '' NOT NULL,
      message_id BIGINT NOT NULL,
      made_at TIMESTAMP WITH TIME ZONE NOT NULL,
      ended_at TIMESTAMP WITH TIME ZONE,
      CONSTRAINT pk_census_closing PRIMARY KEY (id),
      CONSTRAINT fk_census_closing_facility_id_facility FOREIGN KEY(facility_id) REFERENCES facility (id),
      CONSTRAINT fk_census_closing_file_id_census_file FOREIGN KEY(file_id) REFERENCES census_file (id)
    )
    """,
    """
    create unique index uq_census_closing_standing on census_closing (facility_id, visit) where ended_at is null
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        execute(statement)
    execute("alter table inbound_message drop constraint ck_inbound_message_source")
    execute(
        "alter table inbound_message add constraint ck_inbound_message_source"
        " check (source in ('mllp', 'file', 'replay', 'demo', 'fhir', 'census', 'repair'))"
    )
    granted("census_file_setting")
    scoped("census_file_setting", IN_SCOPE)
    audited("census_file_setting")
    # What files say of patients is for parts of the program: they show a person only what that person may see.
    for table in ("census_file", "census_file_row"):
        append_only(table)
        scoped(table, f"{IN_SCOPE} and {EVERYWHERE}")
        never_emptied(table)
    for table in ("census_repair", "census_closing", "census_upload"):
        granted(table)
        scoped(table, f"{IN_SCOPE} and {EVERYWHERE}")
        audited(table, secret=("raw",) if table == "census_upload" else ())


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
