"""Eligibility, post-acute authorizations, bookings, purchased services."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, current, day, ended, index, key, links, made, person, word, yes
from migrations.helpers import audited, granted, remembered, scoped_by_stay

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CARE = (
    "('home', 'home_health', 'snf', 'nf', 'irf', 'ltch', 'hospice_home', 'hospice_facility', 'dme', 'infusion',"
    " 'dialysis', 'transport', 'psychiatric', 'assisted_living', 'shelter', 'acute', 'other')"
)
QUESTIONS = (
    "('snf_waiver', 'snf_stars', 'snf_skilled', 'snf_exception', 'pasrr_level_one', 'pasrr_level_two',"
    " 'pasrr_exempted', 'irf_condition', 'irf_therapies', 'irf_intensity', 'irf_supervision', 'irf_screen',"
    " 'irf_concurrence', 'ltch_ventilator', 'ltch_excluded', 'hh_homebound', 'hh_skilled', 'hh_face_to_face',"
    " 'hh_start', 'hospice_prognosis', 'hospice_election', 'dme_face_to_face', 'dme_order', 'transfer_drg',"
    " 'emtala_certificate', 'emtala_accepted', 'emtala_records', 'emtala_transport')"
)
OF_STAY = {"encounter_id": "encounter", "made_by": "app_user"}
ENDED = "ended_because in ('', 'replaced', 'struck_out')"


def upgrade() -> None:
    _bookings()
    _authorizations()
    _purchases()
    _answers()
    for table in ("booking", "post_acute_authorization", "purchased_service", "eligibility_answer"):
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")


def _whole(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _bookings() -> None:
    table = "booking"
    op.create_table(
        table,
        *key("booking_id", "encounter_id"),
        word("care_type"),
        person("vendor_id"),
        word("vendor_name"),
        person("referral_id"),
        person("choice_id"),
        *(word(name) for name in ("state", "action")),
        day("starts_on", null=True),
        at("pick_up_at", null=True),
        *(word(name) for name in ("mode", "what", "place", "confirmation", "agreed_with", "override_reason", "doubt")),
        word("note"),
        at("at"),
        *made(),
        at("ended_at", null=True),
        check(table, "care_type", f"care_type in {CARE}"),
        check(
            table, "state",
            "state in ('none', 'requested', 'authorized', 'denied', 'booked', 'confirmed', 'again', 'arrived',"
            " 'cancelled', 'struck_out')",
        ),
        check(
            table, "action",
            "action in ('request', 'authorize', 'deny', 'book', 'confirm', 'ask_again', 'arrive', 'cancel',"
            " 'strike_out')",
        ),
        check(table, "mode", "mode in ('', 'car', 'wheelchair', 'stretcher', 'basic', 'advanced', 'critical')"),
        check(table, "vendor_name", "vendor_name <> ''"),
        check(
            table, "booked",
            "(state in ('booked', 'confirmed')) <= (starts_on is not null or pick_up_at is not null)",
        ),
        check(table, "doubt", "(state = 'again') <= (doubt <> '')"),
        *links(table, **OF_STAY, vendor_id="vendor"),
    )  # fmt: skip
    current("uq_booking_current", table, "booking_id")
    index("ix_booking_stay", table, "encounter_id", "made_at")
    index("ix_booking_vendor", table, "vendor_id", "made_at")
    index("ix_booking_versions", table, "booking_id", "made_at")


def _authorizations() -> None:
    table = "post_acute_authorization"
    op.create_table(
        table,
        *key("authorization_id", "encounter_id"),
        person("booking_id"),
        *(word(name) for name in ("care_type", "payer_code", "payer_name")),
        yes("expedited"),
        at("asked_at"),
        at("due_at", null=True),
        word("state"),
        at("decided_at", null=True),
        *(word(name) for name in ("decided_by", "payer_number")),
        day("first_day", null=True),
        _whole("days", null=True),
        word("reason"),
        *made(),
        at("ended_at", null=True),
        check(table, "care_type", f"care_type in {CARE}"),
        check(
            table, "state",
            "state in ('requested', 'approved', 'denied', 'not_required', 'withdrawn', 'struck_out')",
        ),
        check(table, "decided", "(state in ('approved', 'denied', 'not_required')) <= (decided_at is not null)"),
        check(table, "order", "decided_at is null or decided_at >= asked_at"),
        check(table, "days", "days is null or days between 1 and 400"),
        *links(table, **OF_STAY),
    )  # fmt: skip
    current("uq_post_acute_authorization_current", table, "authorization_id")
    index("ix_post_acute_authorization_stay", table, "encounter_id", "made_at")
    index("ix_post_acute_authorization_versions", table, "authorization_id", "made_at")


def _purchases() -> None:
    table = "purchased_service"
    op.create_table(
        table,
        *key("purchase_id", "encounter_id"),
        *(word(name) for name in ("kind", "what")),
        person("vendor_id"),
        word("vendor_name"),
        day("bought_on"),
        _whole("units"),
        _whole("unit_cents"),
        *(word(name) for name in ("approved_by", "reason", "budget_line")),
        *made(),
        *ended("ended_because", "ended_reason"),
        check(
            table, "kind",
            "kind in ('ride', 'equipment', 'medicine', 'bed', 'home_care', 'lodging', 'home', 'food', 'other')",
        ),
        check(table, "ended_because", ENDED),
        check(table, "amount", "units between 1 and 10000 and unit_cents between 0 and 100000000"),
        check(table, "approved", "approved_by <> '' and reason <> ''"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        *links(table, **OF_STAY, ended_by="app_user", vendor_id="vendor"),
    )  # fmt: skip
    current("uq_purchased_service_current", table, "purchase_id")
    index("ix_purchased_service_stay", table, "encounter_id", "made_at")
    index("ix_purchased_service_day", table, "facility_id", "bought_on", where="ended_at is null")


def _answers() -> None:
    table = "eligibility_answer"
    op.create_table(
        table,
        *key("encounter_id"),
        *(word(name) for name in ("question", "answer")),
        day("on_day", null=True),
        word("detail"),
        *made(),
        *ended("ended_because", "ended_reason"),
        check(table, "question", f"question in {QUESTIONS}"),
        check(table, "ended_because", ENDED),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        *links(table, **OF_STAY, ended_by="app_user"),
    )
    current("uq_eligibility_answer_current", table, "encounter_id", "question")
    index("ix_eligibility_answer_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
