"""The providers that these tests sign in with."""

from collections.abc import Iterator

import pytest

from tests.support.identity import RealProvider, SmallProvider, real_provider, small_provider


@pytest.fixture(scope="package")
def canaille() -> Iterator[RealProvider]:
    """A real provider, started once for all of them."""
    with real_provider() as found:
        yield found


@pytest.fixture
def small() -> Iterator[SmallProvider]:
    """A small one, whose answers a test bends."""
    with small_provider() as found:
        yield found
