"""Requests made up from the OpenAPI document, by every role: none is answered with a fault of ours."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.browser.conftest import DEVELOPER, OPERATOR, SUPERVISOR, Console, MakeConsole

EXAMPLES = 25


@pytest.fixture
async def console(make_console: MakeConsole) -> Console:
    return await make_console(sim_calls="112-aml-late,114-theft-report", sim_every_s=1, sim_speed=20)


@pytest.mark.parametrize("account", [OPERATOR, SUPERVISOR, DEVELOPER])
def test_no_made_up_request_is_answered_with_a_fault_of_ours(console: Console, account: str) -> None:
    with httpx.Client(base_url=console.url) as developer:
        sign_in(developer, console, DEVELOPER)
        document = developer.get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.base_url = console.url
    faults = []
    with httpx.Client(base_url=console.url, timeout=20) as client:
        sign_in(client, console, account)
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.path in ("/api/sign-in", "/api/sign-out"):
                continue  # these would end the session that all other requests need

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(), _=st.none())
            def ask(case: schemathesis.Case, _: None) -> None:
                kwargs = case.as_transport_kwargs(base_url=console.url)
                kwargs.pop("cookies", None)
                headers = dict(kwargs.pop("headers", None) or {})
                try:
                    answer = client.request(headers=headers, **kwargs)
                except (httpx.InvalidURL, UnicodeEncodeError, httpx.LocalProtocolError):
                    return
                if answer.status_code >= 500 and case.path != "/health/ready":
                    faults.append((case.method, case.path, answer.status_code, answer.text[:200]))

            ask()
    assert faults == []
    assert "Traceback" not in console.log


def sign_in(client: httpx.Client, console: Console, account: str) -> None:
    answer = client.post("/api/sign-in", json={"name": account, "password": console.passwords[account]})
    assert answer.status_code == 200
