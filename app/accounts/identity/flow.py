"""The way to the provider and back: code flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1; RFC 9700).

What an attempt must remember lies sealed in a cookie of the browser that began it, for ten minutes; the database keeps
only that a state was used. So a stranger who asks for a thousand attempts writes nothing, and a second use is refused.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec
from sqlmodel import select

from app.accounts.factors.failures import count_failure, wait_sentence
from app.accounts.factors.proofs import WRONG_CODE, check_code
from app.accounts.identity.client import AFTERWARDS, Denied, Provider, Tokens, Unreachable
from app.accounts.identity.events import IdentityProved, IdentityRefused, IdentitySignedIn
from app.accounts.identity.holders import NotAdmitted, admit, note_contact
from app.accounts.identity.models import IdentitySession
from app.accounts.identity.rules import ATTEMPT_LASTS, CODE_LASTS, SKEW_SECONDS, challenge, counts_as_second, is_fresh
from app.accounts.identity.terms import SENTENCES, Cause, Claims, Purpose
from app.accounts.identity.tokens import Expected, Unbelievable, id_claims, person_of
from app.accounts.signing import Entered, Visit, enter
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import Reading, Work, begin, everywhere
from app.security.keyring import CannotOpen
from app.security.models import User
from app.security.sealed import open_sealed, seal
from app.security.sessions import digest, new_token
from app.security.viewer import Viewer

_log = logging.getLogger(__name__)
WHO = everywhere("identity provider")
START_AGAIN = "This sign-in was begun in another browser, too long ago, or was used already. Start again."
NOT_NOW = "The sign-in service does not answer now. Try again in a moment, or sign in with your password."
_COOKIE, _PENDING = "way to the provider", "provider pending"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known when somebody comes back: what was sent along, why, and where to go on."""

    state: str
    nonce: str
    verifier: str
    purpose: Purpose
    following: str
    begun_at: datetime
    session_id: uuid.UUID | None = None


class Vouched(msgspec.Struct, frozen=True):
    """Somebody whom the provider vouched for: the claims, the refresh token if there is one, where to go on."""

    claims: Claims
    refresh: str
    following: str


class Pending(msgspec.Struct, frozen=True):
    """Such a person, before the code of our own second factor."""

    user_id: uuid.UUID
    vouched: Vouched


@dataclass(frozen=True, slots=True)
class Errand:
    """Why somebody is sent to the provider, and where to go on afterwards. A proof is for one session."""

    following: str
    session_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The address to send the browser to, and the cookie that it keeps meanwhile."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brings back from the provider."""

    code: str = ""
    state: str = ""
    issuer: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Owes:
    """The provider vouched for the person; our own code is still owed. `ticket` goes into the cookie."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Came:
    """Back from the provider: signed in, owing a code, or (None) a session's proof was renewed."""

    result: Entered | Owes | None
    following: str


def set_out(provider: Provider, errand: Errand) -> Begun:
    """Begin an attempt. Refused when the provider does not answer."""
    attempt = Attempt(
        state=new_token(), nonce=new_token(), verifier=secrets.token_urlsafe(48), following=errand.following,
        begun_at=now(), session_id=errand.session_id,
        purpose=Purpose.PROOF if errand.session_id else Purpose.SIGN_IN,
    )  # fmt: skip
    try:
        found = provider.discovered()
    except (Unreachable, Denied) as error:
        raise Refused(_not_now(provider, str(error))) from None
    asked = {
        "response_type": "code", "client_id": provider.known.client_id, "redirect_uri": provider.known.redirect_uri,
        "scope": provider.known.scopes, "state": attempt.state, "nonce": attempt.nonce,
        "code_challenge": challenge(attempt.verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    if attempt.purpose is Purpose.PROOF:
        # Not 0: some providers then ask for ever. With any max_age the token must say when the person signed in.
        asked |= {"prompt": "login", "max_age": str(SKEW_SECONDS)}
    joined = "&" if "?" in found.authorization_endpoint else "?"
    sealed = base64.urlsafe_b64encode(seal(msgspec.json.encode(attempt), _COOKIE)).decode()
    return Begun(f"{found.authorization_endpoint}{joined}{urlencode(asked)}", sealed)


def come_back(provider: Provider, answer: Answer, cookie: str, visit: Visit, viewer: Viewer | None) -> Came:
    """Take what the provider sent back. Refused with a sentence for the sign-in page."""
    attempt = _attempt(cookie, answer)
    _spend(f"state {attempt.state}")
    try:
        tokens, claims = _believed(provider, attempt, answer)
    except Unreachable as error:
        raise Refused(_not_now(provider, str(error))) from None
    except Denied as error:
        _log.warning("identity provider refused", extra={"kind": str(error)})
        raise _refused(NotAdmitted(Cause.DENIED), "", visit) from None
    except Unbelievable as error:
        _log.warning("identity token refused", extra={"kind": str(error)})
        raise _refused(NotAdmitted(Cause.TOKEN), "", visit) from None
    if attempt.purpose is Purpose.PROOF:
        _prove(attempt, claims, viewer, visit)
        return Came(None, attempt.following)
    vouched = Vouched(claims, tokens.refresh_token or "", attempt.following)
    return Came(_sign_in(provider, vouched, visit), attempt.following)


def _attempt(cookie: str, answer: Answer) -> Attempt:
    """The attempt of this browser that this answer belongs to, while it lasts."""
    try:
        plain = open_sealed(base64.urlsafe_b64decode(cookie), _COOKIE)
        attempt = msgspec.json.decode(plain, type=Attempt)
    except (binascii.Error, ValueError, CannotOpen, msgspec.DecodeError):
        raise Refused(START_AGAIN) from None
    late = now() - attempt.begun_at > ATTEMPT_LASTS
    if late or not hmac.compare_digest(attempt.state.encode(), answer.state.encode()):
        raise Refused(START_AGAIN)
    return attempt


def _spend(what: str) -> None:
    """Note that something was used. Refused when it was before."""
    with begin(WHO) as work:
        fresh = spend(work, what)
    if not fresh:
        raise Refused(START_AGAIN)


def spend(work: Work, what: str) -> bool:
    """Note that something was used; False when it was before. What is a day old can be of no use any more."""
    work.connection.execute("delete from identity_spent where spent_at < %s", [work.now - timedelta(days=1)])
    key = hashlib.sha256(what.encode()).digest()
    made = work.connection.execute(
        "insert into identity_spent (digest, spent_at) values (%s, %s) on conflict do nothing", [key, work.now]
    )
    return made.rowcount == 1


def _believed(provider: Provider, attempt: Attempt, answer: Answer) -> tuple[Tokens, Claims]:
    """The tokens and the person, if everything the provider sent holds."""
    found = provider.discovered()
    if (answer.issuer or found.says_iss) and answer.issuer != provider.known.issuer:
        raise Unbelievable("the answer came from another provider")
    if answer.error or not answer.code:
        raise Denied(answer.error[:60] or "no code")
    tokens = provider.exchange(answer.code, attempt.verifier)
    if not tokens.id_token:
        raise Unbelievable("there is no ID token")
    claims = id_claims(provider, tokens.id_token, Expected(now(), attempt.nonce, tokens.access_token))
    return tokens, person_of(provider, tokens, claims)


def _sign_in(provider: Provider, vouched: Vouched, visit: Visit) -> Entered | Owes:
    claims = vouched.claims
    strong = counts_as_second(claims, provider.known.methods, provider.known.levels)
    with begin(WHO) as work:
        note_contact(work, provider.known.issuer, "")
        found = admit(work, claims)
        if isinstance(found, NotAdmitted):
            work.record(_refusal(found, claims.subject, visit))
        elif found.totp_confirmed_at is not None and not strong:
            return _owing(work, Pending(found.id, vouched))
        else:
            return _enter(work, found, vouched, visit, strong=strong)
    raise Refused(SENTENCES[found.cause])


def _owing(work: Work, pending: Pending) -> Owes:
    ticket = new_token()
    sealed = seal(msgspec.json.encode(pending), f"{_PENDING} {digest(ticket).hex()}")
    work.connection.execute("delete from identity_pending where until < %s", [work.now])
    work.connection.execute("insert into identity_pending (digest, content, until) values (%s, %s, %s)",
                            [digest(ticket), sealed, work.now + CODE_LASTS])  # fmt: skip
    return Owes(ticket)


def give_code(ticket: str, code: str, visit: Visit) -> Came:
    """The code of our own second factor. Refused beside `code`; without a field when it is too late."""
    field, sentence = None, START_AGAIN
    with begin(WHO) as work:
        query = "select content from identity_pending where digest = %s and until > %s"
        content = work.value(query, [digest(ticket), work.now])
        if content is not None:
            plain = open_sealed(bytes(content), f"{_PENDING} {digest(ticket).hex()}")
            pending = msgspec.json.decode(plain, type=Pending)
            result = _checked(work, pending, code, visit)  # holds the person's row: one attempt after the other
            if isinstance(result, Entered):
                work.connection.execute("delete from identity_pending where digest = %s", [digest(ticket)])
                return Came(result, pending.vouched.following)
            field, sentence = "code", result
    raise Refused(sentence, field=field)


def _checked(work: Work, pending: Pending, code: str, visit: Visit) -> Entered | str:
    user = work.session.exec(select(User).where(User.id == pending.user_id, User.active).with_for_update()).first()
    if user is None or user.totp_confirmed_at is None:
        return START_AGAIN
    if user.locked_until is not None and user.locked_until > work.now:
        return wait_sentence(user.locked_until, work.now)
    if not check_code(work, user, code):
        return count_failure(work, user, visit.address, "code") or WRONG_CODE
    return _enter(work, user, pending.vouched, visit, strong=False)


def _enter(work: Work, user: User, vouched: Vouched, visit: Visit, *, strong: bool) -> Entered:
    entered = enter(work, user, visit)
    session_id = work.value("select id from user_session where digest = %s", [digest(entered.token)])
    work.write("user_session", "update user_session set signed_in_by = 'provider', provider_factor = %s where id = %s",
               [strong, session_id])  # fmt: skip
    claims = vouched.claims
    refresh = seal(vouched.refresh.encode(), refresh_purpose(session_id)) if vouched.refresh else None
    work.add(
        IdentitySession(session_id=session_id, issuer=claims.issuer, subject=claims.subject, sid=claims.sid,
                        refresh=refresh, asked_at=work.now)
    )  # fmt: skip
    work.record(
        IdentitySignedIn(user_id=user.id, user_name=user.name, session_id=session_id, provider_factor=strong)
    )  # fmt: skip
    return entered


def refresh_purpose(session_id: uuid.UUID) -> str:
    """What a refresh token is sealed for: it opens for the session that it belongs to and for no other."""
    return f"refresh token {session_id}"


def _prove(attempt: Attempt, claims: Claims, viewer: Viewer | None, visit: Visit) -> None:
    """Note that the person of a session has just signed in anew. Refused for another person and for an old sign-in."""
    cause = None
    with begin(WHO) as work:
        own = viewer is not None and viewer.session_id == attempt.session_id
        row = work.session.get(IdentitySession, attempt.session_id, with_for_update=True) if own else None
        earliest = attempt.begun_at.timestamp() - SKEW_SECONDS
        if viewer is None or row is None or (row.issuer, row.subject) != (claims.issuer, claims.subject):
            cause = Cause.OTHER_PERSON
        elif claims.signed_in_at is None or claims.signed_in_at < earliest:
            cause = Cause.OLD_PROOF
        else:
            row.proved_at = work.now
            work.record(IdentityProved(user_id=viewer.user_id, user_name=viewer.name, session_id=row.session_id))
    if cause is not None:
        raise _refused(NotAdmitted(cause), claims.subject, visit)


def fresh_proof(view: Reading, viewer: Viewer) -> bool:
    """Whether this session's person signed in anew at the provider within the last minutes, because we asked."""
    proved = view.value("select proved_at from identity_session where session_id = %s", [viewer.session_id])
    return is_fresh(proved, view.now)


def way_out(provider: Provider) -> str:
    """The address that ends the session at the provider too, or empty where there is none."""
    try:
        where = provider.discovered().end_session_endpoint
    except (Unreachable, Denied):
        return ""
    back = {"client_id": provider.known.client_id, "post_logout_redirect_uri": provider.known.here + AFTERWARDS}
    return f"{where}{'&' if '?' in where else '?'}{urlencode(back)}" if where else ""


def _not_now(provider: Provider, trouble: str) -> str:
    _log.warning("identity provider does not answer", extra={"kind": trouble})
    with begin(WHO) as work:
        note_contact(work, provider.known.issuer, trouble)
    return NOT_NOW


def _refusal(found: NotAdmitted, subject: str, visit: Visit) -> IdentityRefused:
    user_id = found.user.id if found.user else None
    return IdentityRefused(user_id=user_id, subject=subject, cause=found.cause.value, address=visit.address)


def _refused(found: NotAdmitted, subject: str, visit: Visit) -> Refused:
    """Keep a refusal in the trail; the error to raise."""
    with begin(WHO) as work:
        work.record(_refusal(found, subject, visit))
    return Refused(SENTENCES[found.cause])
