"""Value sets of the readmission measure, codes mapped by hand, coded abstracts."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, current, day, ended, index, key, links, made, person, word
from migrations.helpers import append_only, audited, granted, never_emptied, remembered, scoped_by_stay

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
PEOPLE = {"made_by": "app_user", "ended_by": "app_user"}
LISTS = (
    "('pr1_ccs', 'pr2_ccs', 'pr3_ccs', 'pr3_pcs', 'pr4_ccs', 'pr4_cm', 'exclusion_ccs', 'cohort_ccs', 'surgery_ccs',"
    " 'surgery_pcs', 'dx_ccs', 'px_ccs')"
)


def upgrade() -> None:
    _published()
    _mapped()
    _coded()


def _key() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _published() -> None:
    table = "value_set_vintage"
    op.create_table(
        table,
        _key(),
        *(word(name) for name in ("vintage", "source", "digest")),
        sa.Column("codes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        at("imported_at"),
        word("imported_by"),
        at("ended_at", null=True),
        check(table, "vintage", "vintage <> ''"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    current("uq_value_set_vintage_holds", table, "vintage")
    granted(table, "select, insert, update")
    audited(table)
    table = "value_set_code"
    op.create_table(
        table,
        _key(),
        sa.Column("vintage_id", sa.Uuid(), nullable=False),
        *(word(name) for name in ("list", "code", "value")),
        check(table, "list", f"list in {LISTS}"),
        sa.ForeignKeyConstraint(
            ["vintage_id"], ["value_set_vintage.id"], name=op.f(f"fk_{table}_vintage_id_value_set_vintage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("vintage_id", "list", "code", name=op.f(f"uq_{table}_vintage_id_list_code")),
    )
    append_only(table)
    never_emptied(table)


def _mapped() -> None:
    table = "code_category"
    op.create_table(
        table,
        _key(),
        *(word(name) for name in ("system", "code")),
        sa.Column("ccs", sa.Integer(), nullable=False),
        word("reason"),
        at("made_at"),
        person("made_by"),
        *ended("ended_reason"),
        check(table, "system", "system in ('dx', 'px')"),
        check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in PEOPLE.items()
        ),
    )
    current("uq_code_category_current", table, "system", "code")
    granted(table, "select, insert, update")
    audited(table)


def _coded() -> None:
    table = "coded_stay"
    op.create_table(
        table,
        *key("encounter_id"),
        *(word(name) for name in ("visit_number", "principal_dx", "ms_drg", "disposition")),
        day("coded_on"),
        *(word(name) for name in ("source", "digest")),
        *made(),
        *ended(),
        *links(table, encounter_id="encounter", **PEOPLE),
    )
    current("uq_coded_stay_current", table, "encounter_id")
    index("ix_coded_stay_stay", table, "encounter_id", "made_at")
    scoped_by_stay(table)
    granted(table, "select, insert, update")
    audited(table)
    remembered(table, made="made_at")
    table = "coded_procedure"
    op.create_table(
        table,
        *key("coded_stay_id", "encounter_id"),
        sa.Column("seq", sa.Integer(), nullable=False),
        word("px"),
        at("made_at"),
        *links(table, coded_stay_id="coded_stay", encounter_id="encounter"),
        sa.UniqueConstraint("coded_stay_id", "seq", name=op.f(f"uq_{table}_coded_stay_id_seq")),
    )
    index("ix_coded_procedure_stay", table, "encounter_id")
    scoped_by_stay(table)
    append_only(table)
    never_emptied(table)
    remembered(table, made="made_at", ended=())


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
