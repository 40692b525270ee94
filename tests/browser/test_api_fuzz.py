"""Requests made up from the OpenAPI document, by every role, a stranger and a program: no fault of ours."""

import asyncio

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.browser.conftest import (
    ADMINISTRATOR,
    DEVELOPER,
    OPERATOR,
    SUPERVISOR,
    Console,
    MakeConsole,
)
from vagtcentral.console.accounts.permissions import Permission, Role, allowed
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.store import AccountStore

EXAMPLES = 15
#: Who asks: accounts, nobody, and programs with the token of an account.
STRANGER = "a stranger"
TOKENS = {"a supervisor's token": SUPERVISOR, "an operator's token": OPERATOR}


@pytest.fixture
async def console(make_console: MakeConsole) -> Console:
    return await make_console(sim_calls="112-aml-late,114-theft-report", sim_every_s=1, sim_speed=20)


async def a_token(console: Console, account: str) -> str:
    """A token of the account for all that it may do."""
    role = {SUPERVISOR: Role.SUPERVISOR, OPERATOR: Role.OPERATOR}[account]
    scopes = frozenset(one for one in Permission if allowed(role, one))
    async with await AccountStore.open(str(console.folder / "store.sqlite")) as accounts:
        _, token = await accounts.tokens.make(account, scopes, None, By("os:test"))
    return token


@pytest.mark.parametrize("who", [OPERATOR, SUPERVISOR, DEVELOPER, ADMINISTRATOR, STRANGER, *TOKENS])
async def test_no_made_up_request_is_answered_with_a_fault_of_ours(console: Console, who: str) -> None:
    token = await a_token(console, TOKENS[who]) if who in TOKENS else None
    await asyncio.to_thread(make_requests_up, console, who, token)


def make_requests_up(console: Console, who: str, token: str | None) -> None:
    with httpx.Client(base_url=console.url) as developer:
        sign_in(developer, console, DEVELOPER)
        document = developer.get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.base_url = console.url
    faults = []
    with httpx.Client(base_url=console.url, timeout=20) as client:
        if token is not None:
            client.headers["Authorization"] = f"Bearer {token}"
        elif who != STRANGER:
            sign_in(client, console, who)
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
                if isinstance(kwargs.get("data"), (bytes, str)):
                    kwargs["content"] = kwargs.pop("data")
                if token is not None:
                    headers.pop("Authorization", None)
                try:
                    answer = client.request(headers=headers, **kwargs)
                except (httpx.InvalidURL, UnicodeEncodeError, httpx.LocalProtocolError):
                    return
                fault = answer.status_code >= 500 and case.path != "/health/ready"
                unlike = (
                    answer.status_code >= 400 and case.path.startswith("/api/") and not is_problem(answer)
                )
                if fault or unlike:
                    faults.append((case.method, case.path, answer.status_code, answer.text[:200]))

            ask()
    assert faults == []
    assert "Traceback" not in console.log


def is_problem(answer: httpx.Response) -> bool:
    """Whether an error has the one shape; answers to HEAD have no body."""
    kind = answer.headers.get("content-type")
    return answer.request.method == "HEAD" or kind == "application/problem+json"


def sign_in(client: httpx.Client, console: Console, account: str) -> None:
    answer = client.post("/api/sign-in", json={"name": account, "password": console.passwords[account]})
    assert answer.status_code == 200
