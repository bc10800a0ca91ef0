"""Time-based one-time codes (RFC 6238: SHA-1, six digits, 30 seconds), each of which is taken once."""

import base64
import hashlib
import hmac
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
SLACK = 1  # steps before and after the present one: clocks of telephones differ


def step_at(moment: datetime) -> int:
    """The number of the 30-second step that an instant lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, moment: datetime, last_step: int) -> int | None:
    """The step that a code belongs to, or None when it fits no step near `moment` that comes after `last_step`."""
    typed = "".join(code.split())
    if len(typed) != 6 or not typed.isascii() or not typed.isdigit() or not secret:
        return None
    now = step_at(moment)
    codes = pyotp.TOTP(secret)
    found = None
    for step in range(now - SLACK, now + SLACK + 1):
        if hmac.compare_digest(codes.generate_otp(step), typed) and step > last_step:
            found = step
    return found


def offered_secret(session_cookie: str, purpose: str) -> str:
    """The secret that is offered to one session until a code confirms it.

    It follows from the cookie, of which the database knows the hash only, so nothing unconfirmed is ever stored and the
    secret in use stays until the new one is proven. `purpose` names the person and what is replaced.
    """
    made = hmac.new(session_cookie.encode(), f"second factor {purpose}".encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:20]).decode()


def enrolment_address(secret: str, user_name: str) -> str:
    """The `otpauth:` address that an authenticator reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_name, issuer_name="Daybook")


def picture(address: str) -> bytes:
    """The address as a QR code: an SVG of dark modules on white, which cameras read in either colour scheme."""
    code: bytes = segno.make(address, error="m").svg_inline(scale=5, border=4, light="#fff", dark="#000").encode()
    return code.replace(b"<svg ", b'<svg xmlns="http://www.w3.org/2000/svg" ', 1)
