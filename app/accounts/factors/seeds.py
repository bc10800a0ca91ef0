"""Seeds of one-time codes, sealed where they lie (45 CFR 164.312(a)(2)(iv)); those of before that are sealed here."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import col, select

from app.kernel.events import Event
from app.platform.work import Work, begin, everywhere, reading
from app.security.models import User
from app.security.sealed import open_sealed, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedsSealed(Event):
    """Seeds that lay in the clear, or under an older key, were sealed with the present one."""

    name: ClassVar[str] = "seeds.sealed"
    people: int


def purpose(user_id: uuid.UUID) -> str:
    """What a seed is sealed for: moved to another person's row it does not open."""
    return f"totp {user_id}"


def keep_seed(user: User, seed: str) -> None:
    """Store a seed, sealed; the row keeps nothing that could be read. NoKey where this machine lost its keys."""
    user.totp_sealed, user.totp_secret = seal(seed.encode(), purpose(user.id)), ""


def seed_of(user: User) -> str:
    """The seed of a person, or the empty text. NoKey, CannotOpen when it cannot be opened here."""
    if user.totp_sealed is None:
        return user.totp_secret
    return open_sealed(user.totp_sealed, purpose(user.id)).decode()


def drop_seed(user: User) -> None:
    """Forget the seed."""
    user.totp_sealed, user.totp_secret, user.totp_confirmed_at, user.totp_last_step = None, "", None, 0


def unsealed() -> int:
    """How many seeds still lie in the clear."""
    with reading(everywhere("sealing")) as view:
        return int(view.value("select count(*) from app_user where totp_secret <> ''"))


def seal_all(work: Work) -> int:
    """Seal every seed that lies in the clear. Returns how many; none leaves no trace."""
    found = work.session.exec(select(User).where(col(User.totp_secret) != "").with_for_update()).all()
    for user in found:
        keep_seed(user, user.totp_secret)
    if found:
        work.record(SeedsSealed(people=len(found)))
    return len(found)


def seal_again(work: Work) -> int:
    """Seal every seed anew with the present key. Returns how many. CannotOpen when one cannot be opened here."""
    found = work.session.exec(
        select(User).where((col(User.totp_secret) != "") | col(User.totp_sealed).is_not(None)).with_for_update()
    ).all()
    for user in found:
        keep_seed(user, seed_of(user))
    if found:
        work.record(SeedsSealed(people=len(found)))
    return len(found)


def seal_what_lies_open() -> int:
    """Seal the seeds of before this version; called at every start."""
    if not unsealed():
        return 0
    with begin(everywhere("sealing")) as work:
        return seal_all(work)
