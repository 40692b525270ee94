"""Where the web server listens, and how that is said."""

import pytest

from vagtcentral.console.settings import SettingsError, load_settings
from vagtcentral.console.web import address, listen


@pytest.mark.parametrize(
    ("host", "said"),
    [("127.0.0.1", "127.0.0.1:8114"), ("::1", "[::1]:8114"), ("desk.local", "desk.local:8114")],
)
def test_an_ipv6_address_stands_in_brackets(host: str, said: str) -> None:
    assert address(load_settings(host=host, port=8114)) == said


def test_an_address_that_cannot_be_had_is_one_line() -> None:
    """2001:db8::/32 is for documentation (RFC 3849): no machine has it."""
    with pytest.raises(SettingsError) as refused:
        listen(load_settings(host="2001:db8::1", port=8114))
    (line,) = refused.value.lines
    assert line.startswith("VAGTCENTRAL_HOST, VAGTCENTRAL_PORT: [2001:db8::1]:8114: ")
