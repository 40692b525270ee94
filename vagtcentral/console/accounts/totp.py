"""One-time codes from an authenticator app (TOTP, RFC 6238): six digits, a new code every 30 seconds."""

import base64
import re
import secrets

import pyotp
from pyotp.exceptions import OTPVerificationError

#: How many steps a phone's clock may be off, either way (RFC 6238, section 5.2, recommends one).
_STEPS_OFF = 1
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """A random secret of 160 bits in base32 (RFC 4226, section 4, R6)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def otpauth_uri(secret: str, name: str) -> str:
    """What an authenticator app takes, typed or as a QR code. It is the secret: show it once."""
    return pyotp.TOTP(secret, name=name, issuer="Vagtcentral").provisioning_uri()


def step_of(secret: str, code: str, now: int) -> int | None:
    """The number of the 30-second step that a code is of, None for a wrong code; `now` in ms since 1970 UTC.

    A step must be accepted once only (RFC 6238, section 5.2): the caller keeps the last and asks for a later.
    """
    digits = code.replace(" ", "")
    if not _CODE.fullmatch(digits):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(
            digits, for_time=now // 1000, valid_window=_STEPS_OFF
        )
    except OTPVerificationError:
        return None
