"""Post-acute vendors, published quality, choice lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.columns import at, check, current, day, document, ended, index, key, links, made, word, yes
from migrations.helpers import (
    append_only,
    audited,
    granted,
    never_emptied,
    remembered,
    scoped_by_facility,
    scoped_by_stay,
)

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
OF_FACILITIES = (
    "vendor", "vendor_version", "vendor_contract", "vendor_contact", "vendor_interest", "vendor_file",
    "facility_position",
)  # fmt: skip
OF_STAYS = ("choice_list", "choice", "choice_link", "choice_mark")
CARE_TYPES = (
    "('home', 'home_health', 'snf', 'nf', 'irf', 'ltch', 'hospice_home', 'hospice_facility', 'dme', 'infusion',"
    " 'dialysis', 'transport', 'psychiatric', 'assisted_living', 'shelter', 'acute', 'other')"
)
DEGREES = "latitude between -90 and 90 and longitude between -180 and 180"
PEOPLE = {"made_by": "app_user", "ended_by": "app_user"}


def upgrade() -> None:
    _vendors()
    _versions()
    _dealings()
    _files()
    _positions()
    _lists()
    _choices()
    _links_of_families()
    for table in OF_FACILITIES:
        scoped_by_facility(table)
    for table in OF_STAYS:
        scoped_by_stay(table)
    for table in (*OF_FACILITIES, *OF_STAYS):
        granted(table, "select, insert, update")
        audited(table, secret=("digest",) if table == "choice_link" else ())
    for table in ("vendor", "vendor_file"):
        remembered(table, made="made_at", ended=())
    for table in ("vendor_version", "vendor_contract", "vendor_contact", "vendor_interest", "choice_list", "choice"):
        remembered(table, made="made_at")
    remembered("choice_mark", made="made_at")


def _texts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, ARRAY(sa.String()), server_default="{}", nullable=False) for name in names]


def _keys(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, ARRAY(sa.Uuid()), server_default="{}", nullable=False) for name in names]


def _stars(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=True) for name in names]  # home health has halves


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in names]


def _degrees(*, null: bool) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=null) for name in ("latitude", "longitude")]


def _vendors() -> None:
    table = "vendor"
    op.create_table(
        table,
        *key(),
        word("care_type"),
        word("ccn"),
        *made(),
        check(table, "care_type", f"care_type in {CARE_TYPES}"),
        *links(table, made_by="app_user"),
    )
    index("uq_vendor_ccn", table, "facility_id", "care_type", "ccn", unique=True, where="ccn <> ''")


def _versions() -> None:
    table = "vendor_version"
    op.create_table(
        table,
        *key("vendor_id"),
        *(word(name) for name in ("care_type", "name", "address", "city", "state", "zip_code", "phone")),
        *_degrees(null=True),
        sa.Column("medicare", sa.Boolean(), nullable=True),
        sa.Column("medicaid", sa.Boolean(), nullable=True),
        sa.Column("beds", sa.Integer(), nullable=True),
        word("ownership"),
        *_stars("stars_overall", "stars_health", "stars_staffing", "stars_quality"),
        day("data_on", null=True),
        word("source"),
        word("npi"),
        *_texts("capabilities", "languages", "serves"),
        yes("portal_wanted"),
        day("closed_on", null=True),
        word("remark"),
        *made(),
        *ended(),
        check(table, "care_type", f"care_type in {CARE_TYPES}"),
        check(table, "position", "(latitude is null) = (longitude is null)"),
        check(table, "degrees", DEGREES),
        check(
            table,
            "stars",
            "stars_overall between 1 and 5 and stars_health between 1 and 5 and stars_staffing between 1 and 5"
            " and stars_quality between 1 and 5",
        ),
        *links(table, vendor_id="vendor", **PEOPLE),
    )
    current("uq_vendor_version_current", table, "vendor_id")
    index("ix_vendor_version_search", table, "facility_id", "care_type", "latitude", where=OPEN)
    index("ix_vendor_version_history", table, "vendor_id", "made_at")


def _dealings() -> None:
    table = "vendor_contract"
    op.create_table(
        table,
        *key("vendor_id"),
        word("payer_code"),
        word("standing"),
        day("begins"),
        day("ends", null=True),
        word("source"),
        *made(),
        *ended(),
        check(table, "standing", "standing in ('in_network', 'single_case', 'out_of_network')"),
        check(table, "period", "ends is null or ends >= begins"),
        *links(table, vendor_id="vendor", **PEOPLE),
    )
    index("ix_vendor_contract_current", table, "vendor_id", "payer_code", "begins", where=OPEN)
    index("ix_vendor_contract_payer", table, "facility_id", "payer_code", where=OPEN)
    table = "vendor_contact"
    op.create_table(
        table,
        *key("vendor_id"),
        *(word(name) for name in ("kind", "value", "person", "purpose")),
        *made(),
        *ended(),
        check(table, "kind", "kind in ('email', 'phone', 'fax', 'portal')"),
        *links(table, vendor_id="vendor", **PEOPLE),
    )
    index("ix_vendor_contact_current", table, "vendor_id", where=OPEN)
    table = "vendor_interest"
    op.create_table(
        table,
        *key("vendor_id"),
        word("kind"),
        sa.Column("share", sa.Numeric(5, 2), nullable=True),
        day("since"),
        day("until", null=True),
        word("remark"),
        *made(),
        *ended(),
        check(table, "kind", "kind in ('hospital_holds', 'vendor_holds', 'common_owner')"),
        check(table, "share", "share > 0 and share <= 100"),
        *links(table, vendor_id="vendor", **PEOPLE),
    )
    index("ix_vendor_interest_current", table, "vendor_id", where=OPEN)


def _files() -> None:
    table = "vendor_file"
    op.create_table(
        table,
        *key(),
        word("care_type"),
        word("name"),
        word("digest"),
        day("data_on", null=True),
        word("limits"),
        *_counts("added", "changed", "unchanged", "left_out"),
        document("refused", "[]"),
        *made(),
        check(table, "care_type", f"care_type in {CARE_TYPES}"),
        *links(table, made_by="app_user"),
    )
    index("ix_vendor_file_facility", table, "facility_id", "made_at")


def _positions() -> None:
    table = "facility_position"
    op.create_table(
        table,
        *key(),
        word("zip_code"),
        *_degrees(null=False),
        *made(),
        *ended(),
        check(table, "degrees", DEGREES),
        *links(table, **PEOPLE),
    )
    current("uq_facility_position_current", table, "facility_id")
    op.create_table(
        "zip_table",
        *key()[:1],
        word("source"),
        word("digest"),
        *_counts("codes"),
        at("imported_at"),
        word("imported_by"),
        at("ended_at", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zip_table")),
    )
    op.create_index(
        "uq_zip_table_holds", "zip_table", [sa.text("(ended_at is null)")], unique=True, postgresql_where=sa.text(OPEN)
    )
    op.create_table(
        "zip_centroid",
        *key()[:1],
        sa.Column("table_id", sa.Uuid(), nullable=False),
        word("zip_code"),
        *_degrees(null=False),
        sa.ForeignKeyConstraint(["table_id"], ["zip_table.id"], name=op.f("fk_zip_centroid_table_id_zip_table")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zip_centroid")),
        sa.UniqueConstraint("table_id", "zip_code", name=op.f("uq_zip_centroid_table_id_zip_code")),
    )
    granted("zip_table", "select, insert, update")
    audited("zip_table")
    append_only("zip_centroid")
    never_emptied("zip_centroid")


def _lists() -> None:
    table = "choice_list"
    op.create_table(
        table,
        *key("encounter_id"),
        word("care_type"),
        document("content"),
        word("digest"),
        day("data_on", null=True),
        *made(),
        *ended("ended_because", "ended_reason"),
        check(table, "care_type", f"care_type in {CARE_TYPES}"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        check(table, "ended_because", "ended_because in ('', 'replaced', 'struck_out')"),
        *links(table, encounter_id="encounter", **PEOPLE),
    )
    index("ix_choice_list_stay", table, "encounter_id", "made_at")


def _choices() -> None:
    table = "choice"
    texts = ("given_to", "recipient_name", "relation", "given_how", "language", "interpreter", "outcome")
    op.create_table(
        table,
        *key("choice_id", "list_id", "encounter_id"),
        *(word(name) for name in texts),
        *_keys("vendors", "affiliated"),
        yes("disclosed"),
        *(word(name) for name in ("evidence", "drawing", "witness_name", "said")),
        at("chosen_at"),
        *made(),
        word("made_because"),
        *ended("ended_because", "ended_reason"),
        check(table, "given_to", "given_to in ('patient', 'representative')"),
        check(table, "given_how", "given_how in ('paper', 'screen', 'link', 'read_out')"),
        check(table, "outcome", "outcome in ('chosen', 'no_preference', 'declined', 'asked_again')"),
        check(table, "evidence", "evidence in ('drawn', 'paper', 'verbal')"),
        check(table, "vendors", "(outcome = 'chosen') = (vendors <> '{}')"),
        check(table, "past", "chosen_at <= made_at"),
        check(table, "witness", "evidence <> 'verbal' or witness_name <> ''"),
        check(table, "disclosed", "affiliated = '{}' or disclosed"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out', 'later')"),
        *links(table, encounter_id="encounter", list_id="choice_list", **PEOPLE),
    )
    current("uq_choice_current", table, "list_id")
    index("ix_choice_stay", table, "encounter_id", "made_at")


def _links_of_families() -> None:
    table = "choice_link"
    op.create_table(
        table,
        *key("list_id", "encounter_id"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        at("expires_at"),
        *made(),
        *ended(),
        *links(table, encounter_id="encounter", list_id="choice_list", **PEOPLE),
    )
    index("uq_choice_link_digest", table, "digest", unique=True)
    index("ix_choice_link_list", table, "list_id")
    index("ix_choice_link_stay", table, "encounter_id", "made_at")
    table = "choice_mark"
    op.create_table(
        table,
        *key("link_id", "list_id", "encounter_id"),
        *_keys("vendors"),
        word("marked_by"),
        word("said"),
        at("made_at"),
        at("ended_at", null=True),
        *links(table, encounter_id="encounter", link_id="choice_link", list_id="choice_list"),
    )
    current("uq_choice_mark_current", table, "link_id")
    index("ix_choice_mark_list_id", table, "list_id")
    index("ix_choice_mark_stay", table, "encounter_id", "made_at")
    table = "choice_visit"
    op.create_table(
        table,
        sa.Column("address", sa.String(), nullable=False),
        at("since"),
        *_counts("visits"),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_choice_visit")),
    )
    granted(table, "select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
