"""Proof of who sits at the screen: the second factor, and proof asked again for what matters.

Whoever has a second factor gives a code, others the password, and who came by the hospital's provider goes there again.
"""

from collections.abc import Callable

from sqlmodel import select

from app.accounts.factors.failures import count_failure
from app.accounts.factors.recovery import codes_left, looks_like_one, redeem
from app.accounts.factors.seeds import keep_seed, seed_of
from app.kernel.refusal import NotFound
from app.platform.work import Reading, Work
from app.security.models import User
from app.security.opening import Way, way_of
from app.security.passwords import verify_password
from app.security.totp import matching_step
from app.security.viewer import Viewer

WRONG_CODE = "This code is not right, or it was used before. Wait for the next one. A recovery code is good once."
WRONG_PASSWORD = "This is not your present password."
WAIT = "Too many failed attempts. Wait a few minutes, then try again."
GO_THERE = "Prove who you are at your sign-in provider first."


def _no_provider(_work: Work, _viewer: Viewer) -> bool:
    return False


_fresh: list[Callable[[Work, Viewer], bool]] = [_no_provider]


def install(fresh: Callable[[Work, Viewer], bool]) -> None:
    """Hand over who knows whether the provider has just seen this person sign in again."""
    _fresh[:] = [fresh]


def check_code(work: Work, user: User, typed: str) -> str:
    """`totp` or `recovery` when the code is right, else the empty text. The user's row is locked.

    A seed that cannot be opened raises NoKey or CannotOpen; recovery codes are good even then.
    """
    if looks_like_one(typed):
        return "recovery" if redeem(work, user, typed) else ""
    seed = seed_of(user)
    step = matching_step(seed, typed, work.now, user.totp_last_step)
    if step is None:
        return ""
    user.totp_last_step = step
    if user.totp_secret:
        keep_seed(user, seed)  # it lay in the clear until now
    return "totp"


def ask_again(work: Work, viewer: Viewer, typed: str) -> tuple[str, str]:
    """Check what was typed. Returns the proof (`totp`, `recovery`, `password`, `provider`), or else a sentence.

    Failures count towards waiting, so the caller must commit before it refuses.
    """
    user = work.session.exec(select(User).where(User.id == viewer.user_id).with_for_update()).first()
    if user is None:
        raise NotFound("Your account was removed.")
    if user.locked_until is not None and user.locked_until > work.now:
        return "", WAIT
    way = way_of(work, viewer.user_id)
    if way is Way.PROVIDER:
        return ("provider", "") if _fresh[0](work, viewer) else ("", GO_THERE)
    if way is Way.CODE:
        proof, wrong = check_code(work, user, typed), WRONG_CODE
    else:
        proof, wrong = "password" if verify_password(user.password_hash, typed) else "", WRONG_PASSWORD
    if proof:
        return proof, ""
    return "", count_failure(work, user, viewer.address, f"{way} again") or wrong


def left_for(view: Reading | Work, viewer: Viewer) -> int:
    """How many recovery codes this person has left."""
    return codes_left(view, viewer.user_id)
