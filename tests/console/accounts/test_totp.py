"""Codes of authenticator apps, against the standard's own examples."""

import base64
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from vagtcentral.console.accounts.totp import new_secret, otpauth_uri, step_of

#: RFC 6238, appendix B: the secret of the SHA-1 examples; codes are their last six digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_the_standard_are_right(second: int, code: str) -> None:
    assert step_of(SECRET, code, second * 1000 + 999) == second // 30


def test_a_phone_may_be_one_step_off_and_no_more() -> None:
    code = pyotp.TOTP(SECRET).at(300)
    assert [step_of(SECRET, code, second * 1000) for second in (269, 270, 300, 330, 359, 360)] == [
        None,
        *[10] * 4,
        None,
    ]


def test_blanks_in_a_code_do_not_matter() -> None:
    assert step_of(SECRET, " 287 082 ", 59_000) == 1


@pytest.mark.parametrize(
    "code", ["", "28708", "2870820", "287083", "２８７０８２", "-87082", "abcdef", "\x00"]
)
def test_anything_else_is_no_code(code: str) -> None:
    assert step_of(SECRET, code, 59_000) is None


def test_secrets_have_160_bits_and_are_never_the_same() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.b32decode(secret)) for secret in made} == {20}


def test_the_uri_is_what_apps_take() -> None:
    uri = urlsplit(otpauth_uri(SECRET, "anna"))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Vagtcentral:anna")
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Vagtcentral"]}
