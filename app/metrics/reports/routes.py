"""All pages of reports, in one list."""

from app.metrics.reports.files import pages as file_pages
from app.metrics.reports.mailing import pages as mail_pages
from app.metrics.reports.shown import pages

ROUTES = [*pages.ROUTES, *file_pages.ROUTES, *mail_pages.ROUTES]
