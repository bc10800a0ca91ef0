"""What the rooms of a long-term care hospital hand to the web: routes, tabs, sections, deeds. One table each."""

from litestar.handlers import BaseRouteHandler

from app.clocks.owed.panel import Deed
from app.ltac.course.round import pages as weaning_pages
from app.ltac.course.stay import lent as course_lent
from app.ltac.course.stay import pages as course_pages
from app.ltac.course.stay import record_pages as course_record_pages
from app.ltac.days import pages as payment_day_pages
from app.ltac.days import showing as payment_days
from app.ltac.house import pages as house_pages
from app.ltac.kind import is_long_term
from app.ltac.screening import pages as referral_pages
from app.ltac.screening import sheet as referral_sheet
from app.security.permissions import Permission
from app.web.packets import SectionSource
from app.web.stay import BriefSection, Tab

ROUTES: list[type | BaseRouteHandler] = [
    *course_pages.ROUTES, *course_record_pages.ROUTES, *weaning_pages.ROUTES, *payment_day_pages.ROUTES,
    *referral_pages.ROUTES, *referral_sheet.ROUTES, *house_pages.ROUTES,
]  # fmt: skip
TABS = [
    Tab("long-term", "Long-term", "/long-term", looks_back=True, group="long-term", stands=is_long_term),
    Tab("payment-days", "Payment days", "/payment-days", looks_back=True, group="long-term", stands=is_long_term),
]
BRIEF = [
    BriefSection("Long-term course", course_lent.brief_lines),
    BriefSection("Payment days", payment_days.brief_lines),
]
PACKETS: list[SectionSource] = [course_lent.sections]
DEEDS = {
    "LT-CONFERENCE": Deed("Record the conference", "/long-term#conference", Permission.LTAC_CHART),
    "LT-ORIENT": Deed("Record the orientation", "/long-term#orientation", Permission.LTAC_CHART),
    "PA-LTCH-INT": Deed("Say where", "/payment-days#away", Permission.LTAC_CHART),
    "PA-LTCH48": Deed("Validate", "/long-term#validation", Permission.LTAC_CHART),
}
