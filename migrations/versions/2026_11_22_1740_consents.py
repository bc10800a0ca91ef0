"""A consent says to whom records may go; a file for a payer is held back without one."""

from alembic import op

from migrations.columns import word
from migrations.helpers import APP_ROLE, execute, remembered

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

COVERS = "covers in ('vendors', 'payers', 'care_and_payment')"
STEPS = (
    "step in ('written', 'not_written', 'held_back', 'fetched', 'arrived', 'refused', 'received', 'rejected',"
    " 'answered')"
)
# As the owner: who may not see a part of a stay must not let its records go for that.
PART2 = """
create function stay_is_part2(stay uuid) returns boolean language sql stable security definer
  set search_path = public, pg_temp as $$
  with recursive part(id) as (
    select stay
    union select f.id from encounter f join part on f.united_into_id = part.id where f.gone_at is not null)
  select exists (select from encounter e join part on part.id = e.id where e.sensitivity = 'part2') $$;
"""


def upgrade() -> None:
    # Consents of before were asked for by packets to vendors, and mean them.
    op.add_column("referral_consent", word("covers", "vendors"))
    execute(f"alter table referral_consent add constraint ck_referral_consent_covers check ({COVERS})")
    execute("drop view as_of.referral_consent")  # it does not know the new column
    remembered("referral_consent", made="made_at")
    execute("alter table payer_file_step drop constraint ck_payer_file_step_step")
    execute(f"alter table payer_file_step add constraint ck_payer_file_step_step check ({STEPS})")
    execute(PART2)
    execute("revoke execute on function stay_is_part2(uuid) from public")
    execute(f"grant execute on function stay_is_part2(uuid) to {APP_ROLE}")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
