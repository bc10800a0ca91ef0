"""What the provider took back: asked every few minutes by the refresh token of each session, and told at once by it.

While the provider does not answer nobody is signed out: sessions end by their own limits, and the doctor says so.
Sources: RFC 6749, 6 and 5.2 (invalid_grant); OpenID Connect Back-Channel Logout 1.0, 2.6 and 2.7.
"""

import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from sqlmodel import select

from app.accounts.identity.client import Denied, Provider, Tokens, Unreachable, provider_of, registration
from app.accounts.identity.events import IdentityLogoutTaken
from app.accounts.identity.flow import WHO, refresh_purpose, spend
from app.accounts.identity.holders import follow_groups, grants, note_contact
from app.accounts.identity.rules import ASK_EVERY, TAKEN_BACK
from app.accounts.identity.terms import Claims
from app.accounts.identity.tokens import Expected, Unbelievable, id_claims, logout_claims, person_of
from app.accounts.signing import UserSignedOut
from app.platform.now import now
from app.platform.work import Work, begin, reading
from app.security.keyring import CannotOpen
from app.security.models import User, UserSession
from app.security.sealed import open_sealed, seal
from app.settings import Settings

_log = logging.getLogger(__name__)
_AT_ONCE = 20
_DUE = """
select i.session_id, s.user_id, i.subject, i.refresh from identity_session i
join user_session s on s.id = i.session_id
where i.issuer = %s and i.refresh is not null and i.asked_at <= %s
  and s.ended_at is null and s.expires_at > %s and s.seen_at > %s
order by i.asked_at limit %s
"""
_OPEN = """
select s.id, s.user_id, u.name from identity_session i
join user_session s on s.id = i.session_id join app_user u on u.id = s.user_id
where i.issuer = %s and s.ended_at is null and s.expires_at > %s
  and case when %s = '' then i.subject = %s else i.sid = %s or (i.sid = '' and i.subject = %s) end
for update of s
"""


class Due(msgspec.Struct):
    """A session about which the provider is to be asked again."""

    session_id: uuid.UUID
    user_id: uuid.UUID
    subject: str
    refresh: bytes


class _Open(msgspec.Struct):
    id: uuid.UUID
    user_id: uuid.UUID
    name: str


def ask_provider() -> bool:
    """The standing duty: ask about the sessions that are due. True when there are more."""
    settings = Settings.from_environment()
    known = registration(settings)
    return known is not None and look_again(provider_of(known), timedelta(minutes=settings.idle_minutes))


def look_again(provider: Provider, idle: timedelta) -> bool:
    """Ask about the sessions in use that were not asked about for five minutes. True when there are more."""
    with reading(WHO) as view:
        moment = view.now
        due = view.rows(
            Due, _DUE, [provider.known.issuer, moment - ASK_EVERY, moment, moment - idle, _AT_ONCE]
        )  # fmt: skip
    trouble = odd = ""
    for one in due:
        try:
            tokens = provider.refresh(open_sealed(bytes(one.refresh), refresh_purpose(one.session_id)).decode())
            _keep(one, tokens.refresh_token)
            claims = _claims(provider, tokens, one)
        except Denied as error:
            if str(error) in TAKEN_BACK:
                _end(one)
                continue
            trouble = f"The provider refuses this installation ({error})."
            _keep(one, None)
            break
        except Unreachable as error:
            trouble = str(error)
            _keep(one, None)
            break
        except (Unbelievable, CannotOpen) as error:
            odd = f"What is known of one person's sign-in does not hold: {error}"
            _keep(one, None)
            continue
        if claims is not None:
            _follow(one, claims)
    if due:
        with begin(WHO) as work:
            note_contact(work, provider.known.issuer, trouble or odd)
    if trouble or odd:
        _log.warning("identity provider does not answer", extra={"kind": trouble or odd})
    return len(due) == _AT_ONCE and not trouble


def _keep(one: Due, refresh: str | None) -> None:
    """Note that this session was asked about, so that one that is odd does not keep others waiting, and its next token
    before anything else is asked: the one before is good no more."""
    sealed = seal(refresh.encode(), refresh_purpose(one.session_id)) if refresh else None
    with begin(WHO) as work:
        work.connection.execute(
            "update identity_session set asked_at = %s, refresh = coalesce(%s, refresh) where session_id = %s",
            [work.now, sealed, one.session_id],
        )


def _claims(provider: Provider, tokens: Tokens, one: Due) -> Claims | None:
    """What the provider says now of the person; None where it hands out nothing that would say so."""
    claims: Mapping[str, Any] = {"sub": one.subject}
    if tokens.id_token:
        claims = id_claims(provider, tokens.id_token, Expected(now(), access_token=tokens.access_token))
        if claims["sub"] != one.subject:
            raise Unbelievable("it speaks of somebody else")
    elif not provider.discovered().userinfo_endpoint:
        return None
    return person_of(provider, tokens, claims)


def _follow(one: Due, claims: Claims) -> None:
    """Give and take roles after the groups of now; without any role left the session ends."""
    with begin(WHO) as work:
        user = work.session.exec(select(User).where(User.id == one.user_id).with_for_update()).one()
        follow_groups(work, user, claims.groups)
        if not grants(work, user.id):
            _close(work, [_Open(one.session_id, user.id, user.name)], "no role left at the provider")


def _end(one: Due) -> None:
    with begin(WHO) as work:
        user = work.get(User, one.user_id)
        if work.lock(UserSession, one.session_id).ended_at is None:
            _close(work, [_Open(one.session_id, user.id, user.name)], "taken back by the provider")


def _close(work: Work, sessions: list[_Open], because: str) -> None:
    for one in sessions:
        work.write("user_session", "update user_session set ended_at = %s, ended_because = %s where id = %s"
                   " and ended_at is null", [work.now, because, one.id])  # fmt: skip
        work.record(UserSignedOut(user_id=one.user_id, user_name=one.name, sessions=1, because=because))


def take_logout(provider: Provider, text: str) -> int:
    """End what a logout token names; how many sessions. Unbelievable when it does not hold or was used before."""
    told = logout_claims(provider, text, now())
    issuer = provider.known.issuer
    with begin(WHO) as work:
        fresh = spend(work, f"logout {issuer} {told.number}")
        if fresh:
            asked = [issuer, work.now, told.sid, told.subject, told.sid, told.subject]
            sessions = work.rows(_Open, _OPEN, asked)
            _close(work, sessions, "ended at the provider")
            work.record(IdentityLogoutTaken(subject=told.subject, sessions=len(sessions)))
    if not fresh:
        raise Unbelievable("it was used before")
    return len(sessions)
