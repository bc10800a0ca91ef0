"""What was known when: versions of stays and patients, for showing lists as of an instant."""

from migrations.helpers import APP_ROLE, execute, remembered_from_copies

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AS_OF = """
create function app_as_of() returns timestamptz language sql stable as $$
  select nullif(current_setting('app.as_of', true), '')::timestamptz $$;
"""


def upgrade() -> None:
    execute("create schema as_of")
    execute(f"grant usage on schema as_of to {APP_ROLE}")
    execute(AS_OF)
    execute("revoke execute on function app_as_of() from public")
    execute(f"grant execute on function app_as_of() to {APP_ROLE}")
    for table in ("assignment", "note", "unit"):
        remembered_from_copies(table)


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
