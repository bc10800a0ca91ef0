"""Pages of the exchange with payers: what was sent, what came, what waits for people, how it is set."""

from app.interop.payer_files.pages import files, inbox, outbox, settings

ROUTES = [*files.ROUTES, *outbox.ROUTES, *inbox.ROUTES, *settings.ROUTES]
