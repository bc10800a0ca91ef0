"""Pages of census files: taking one, comparing it with the census, repairing, and the settings of a facility."""

from app.interop.census_file.pages import files, settings, uploads

ROUTES = [*files.ROUTES, *uploads.ROUTES, *settings.ROUTES]
