"""The hospital's identity provider: who signs in by it, and which of its groups hold which role."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, index, made, person, word, yes
from migrations.helpers import append_only, audited, execute, granted, never_emptied

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

# As before, but for two things: who came by the provider need not change a password that was not asked, and needs no
# second factor of ours when the provider asked for one.
_FIND_SESSION = """
create or replace function find_session(wanted bytea, moment timestamptz, idle interval, touch boolean) returns table
  (session_id uuid, user_id uuid, name text, display_name text, credentials text, attending_number text,
   single_keys boolean, must_change boolean, has_totp boolean, facility_id smallint, grants jsonb, places jsonb,
   opened uuid[])
  language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare found_row user_session%rowtype;
begin
  select * into found_row from user_session s
  where s.digest = wanted and s.ended_at is null and s.expires_at > moment and s.seen_at > moment - idle;
  if not found then return; end if;
  if touch and found_row.seen_at < moment - interval '1 minute' then
    update user_session set seen_at = moment where id = found_row.id;
  end if;
  return query select found_row.id, u.id, u.name::text, u.display_name::text, u.credentials::text,
    u.attending_number::text, u.single_keys, u.must_change_password and found_row.signed_in_by = 'password',
    u.totp_confirmed_at is not null or found_row.provider_factor,
    found_row.facility_id,
    (select jsonb_agg(jsonb_build_array(g.role, g.facility_id) order by g.granted_at, g.id)
     from role_grant g where g.user_id = u.id),
    (select jsonb_agg(jsonb_build_array(f.id, f.code, f.name, f.timezone, f.totp_required, f.kind) order by f.name)
     from facility f),
    (select array_agg(a.encounter_id) from stay_access a
     where a.user_id = u.id and (a.until is null or a.until > moment))
  from app_user u where u.id = found_row.user_id and u.active;
end $$;
"""


def upgrade() -> None:
    _known_tables()
    _mapping()
    _people()
    _attempts()
    execute(_FIND_SESSION)


def _known_tables() -> None:
    """How a session began, and where a grant came from."""
    op.add_column("user_session", word("signed_in_by", "password"))
    op.add_column("user_session", yes("provider_factor"))
    op.create_check_constraint(
        op.f("ck_user_session_signed_in_by"), "user_session", "signed_in_by in ('password', 'provider')"
    )
    op.add_column("role_grant", word("given_by", "hand"))
    op.create_check_constraint(op.f("ck_role_grant_given_by"), "role_grant", "given_by in ('hand', 'provider')")


def _mapping() -> None:
    op.create_table(
        "identity_role",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        word("group_name"),
        word("role"),
        sa.Column("facility_id", sa.SmallInteger(), nullable=True),
        *made(),
        at("ended_at", null=True),
        person("ended_by"),
        check(
            "identity_role", "role",
            "role in ('case_manager', 'ur_nurse', 'social_worker', 'physician_advisor', 'attending',"
            " 'chief_medical_officer', 'lead', 'director', 'administrator', 'privacy_officer', 'auditor')",
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_identity_role_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_role")),
    )  # fmt: skip
    op.create_index(op.f("ix_identity_role_facility_id"), "identity_role", ["facility_id"])
    op.create_index(
        "uq_identity_role_current", "identity_role", ["group_name", "role", "facility_id"], unique=True,
        postgresql_where=sa.text("ended_at is null"), postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    granted("identity_role", "select, insert, update")
    audited("identity_role")
    op.create_table(
        "identity_rule",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        word("matching"),
        *made(),
        check("identity_rule", "matching", "matching in ('prepared', 'groups')"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_rule")),
    )
    append_only("identity_rule")
    never_emptied("identity_rule")


def _people() -> None:
    op.create_table(
        "identity_link",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        word("issuer"),
        word("subject"),
        at("made_at"),
        at("ended_at", null=True),
        person("ended_by"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_identity_link_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_link")),
    )
    op.create_index(op.f("ix_identity_link_user_id"), "identity_link", ["user_id"])
    index("uq_identity_link_subject", "identity_link", "issuer", "subject", unique=True, where="ended_at is null")
    index("uq_identity_link_person", "identity_link", "issuer", "user_id", unique=True, where="ended_at is null")
    granted("identity_link", "select, insert, update")
    audited("identity_link")
    op.create_table(
        "identity_session",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        word("issuer"),
        word("subject"),
        word("sid"),
        sa.Column("refresh", sa.LargeBinary(), nullable=True),
        at("asked_at"),
        at("proved_at", null=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["user_session.id"], name=op.f("fk_identity_session_session_id_user_session")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_identity_session")),
    )
    op.create_index("ix_identity_session_subject", "identity_session", ["issuer", "subject"])
    granted("identity_session", "select, insert, update")


def _attempts() -> None:
    """What may be used once, what waits for its second step, and how the provider answered last."""
    op.create_table(
        "identity_spent",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        at("spent_at"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_identity_spent")),
    )
    op.create_index("ix_identity_spent_at", "identity_spent", ["spent_at"])
    granted("identity_spent", "select, insert, delete")
    op.create_table(
        "identity_pending",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        at("until"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_identity_pending")),
    )
    granted("identity_pending", "select, insert, delete")
    op.create_table(
        "identity_contact",
        word("issuer"),
        at("tried_at"),
        word("trouble"),
        at("answered_at", null=True),
        sa.PrimaryKeyConstraint("issuer", name=op.f("pk_identity_contact")),
    )
    granted("identity_contact", "select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
