"""Where the web server listens, and how that is said."""

import socket

import pytest

from vagtcentral.console.settings import SettingsError, load_settings
from vagtcentral.console.web import address, listen


@pytest.mark.parametrize(
    ("host", "said"),
    [("127.0.0.1", "127.0.0.1:8114"), ("::1", "[::1]:8114"), ("desk.local", "desk.local:8114")],
)
def test_an_ipv6_address_stands_in_brackets(host: str, said: str) -> None:
    assert address(load_settings(host=host, port=8114)) == said


def test_a_port_that_is_taken_is_one_line_with_the_address() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as refused:
            listen(load_settings(host="::1", port=port))
    (line,) = refused.value.lines
    assert line == f"VAGTCENTRAL_HOST, VAGTCENTRAL_PORT: [::1]:{port}: Address already in use"
