"""How long one waits after failed sign-ins: pure rules, per account and per address.

NIST SP 800-63B-4, 3.2.2: consecutive failures on one account are limited to 100, and waiting may grow before that.
The rules know a count and instants only, so a name that does not exist waits exactly like one that does.
"""

from datetime import UTC, datetime, timedelta

FREE_FAILURES = 4  # slips of the finger cost nothing
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
LAST_FAILURE = 100  # from here on only an administrator opens the account
UNTIL_RELEASED = datetime(9999, 1, 1, tzinfo=UTC)
FREE_FAILURES_OF_ADDRESS = 40  # a hospital often shows one address for everybody
FORGET_ONE = timedelta(minutes=1)


def _doubled(beyond: int) -> timedelta:
    """The first wait, doubled for each failure beyond the free ones, up to the longest."""
    steps = min(beyond - 1, 16)
    return min(FIRST_WAIT * (1 << steps), LONGEST_WAIT)


def locked_until(failures: int, at: datetime) -> datetime | None:
    """When the account takes the next attempt after so many failures in a row, the last one `at`; None for at once."""
    if failures >= LAST_FAILURE:
        return UNTIL_RELEASED
    if failures <= FREE_FAILURES:
        return None
    return at + _doubled(failures - FREE_FAILURES)


def remembered(failures: int, last_at: datetime, at: datetime) -> int:
    """Failures of an address that still count: one is forgotten a minute."""
    return max(0, failures - int((at - last_at) / FORGET_ONE))


def address_waits_until(failures: int, last_at: datetime) -> datetime | None:
    """When an address may try again; None for at once."""
    beyond = failures - FREE_FAILURES_OF_ADDRESS
    return last_at + _doubled(beyond) if beyond > 0 else None
