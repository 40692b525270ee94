"""API tokens: shown once, within their scopes, revocable, and worthless in the store."""

import re

import pytest

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.permissions import Permission, Role
from vagtcentral.console.accounts.person import AccountError
from vagtcentral.console.accounts.tables import tokens

READ, LIVE = Permission.LOOK_UP_CALLS, Permission.WATCH_LIVE
DAY = 86_400_000


@pytest.fixture
async def staffed(world):
    await world.add("bo", Role.SUPERVISOR)
    return world


async def make(world, *scopes: Permission, account: str = "bo", expires_at: int | None = None):
    return await world.store.tokens.make(account, scopes or (READ,), expires_at, world.admin)


async def refusal(world, *scopes: Permission, **more) -> str:
    with pytest.raises(AccountError) as caught:
        await world.store.tokens.make(more.get("account", "bo"), scopes, more.get("expires_at"), world.admin)
    assert await world.rows(tokens) == []
    return str(caught.value)


async def test_a_token_speaks_for_its_account_within_its_scopes(staffed) -> None:
    made, text = await make(staffed, READ)
    person = await staffed.store.tokens.person(text)
    assert (person.name, person.role, person.token, person.session) == ("bo", Role.SUPERVISOR, made.id, None)
    assert person.may(READ)
    assert not person.may(LIVE), "the role may, the token may not"


async def test_a_token_can_be_found_by_searches_for_leaks_and_not_in_the_store(staffed, file) -> None:
    texts = {(await make(staffed))[1] for _ in range(20)}
    assert len(texts) == 20
    assert all(re.fullmatch(r"vagtcentral_[\w-]{43}", text) for text in texts)
    await staffed.store.close()
    content = file.read_bytes()
    assert not any(text.removeprefix("vagtcentral_").encode() in content for text in texts)


async def test_what_is_kept_in_the_store_opens_nothing(staffed) -> None:
    await make(staffed)
    (row,) = await staffed.rows(tokens)
    for kept in (row["secret_hash"], row["id"], f"vagtcentral_{row['secret_hash']}", ""):
        assert await staffed.store.tokens.person(kept) is None


async def test_a_revoked_token_is_worthless_and_stays_in_the_list(staffed) -> None:
    (made, text), (_, other) = await make(staffed), await make(staffed)
    await staffed.store.tokens.revoke(made.id, staffed.admin)
    assert await staffed.store.tokens.person(text) is None
    assert await staffed.store.tokens.person(other)
    staffed.clock.on(60)
    await staffed.store.tokens.revoke(made.id, staffed.admin)
    listed = {token.id: token.revoked_at for token in await staffed.store.tokens.all("bo")}
    assert listed[made.id] == staffed.noon
    assert await staffed.deeds(deed=Deed.TOKEN_REVOKED) == ["token-revoked"]


async def test_an_unknown_token_cannot_be_revoked(staffed) -> None:
    with pytest.raises(AccountError, match="token 'x' is unknown; `vagtcentral user tokens` lists them"):
        await staffed.store.tokens.revoke("x", staffed.admin)


async def test_a_token_ends_when_it_says(staffed) -> None:
    _, text = await make(staffed, expires_at=staffed.noon + DAY)
    staffed.clock.on(86_399.999)
    assert (await staffed.store.tokens.person(text)).expires_at == staffed.noon + DAY
    staffed.clock.on(0.001)
    assert await staffed.store.tokens.person(text) is None


async def test_a_token_without_end_has_none(staffed) -> None:
    _, text = await make(staffed)
    staffed.clock.on(10 * 365 * 86_400)
    assert await staffed.store.tokens.person(text)


async def test_a_disabled_account_has_no_token_meanwhile(staffed) -> None:
    _, text = await make(staffed)
    await staffed.store.accounts.disable("bo", staffed.admin)
    assert await staffed.store.tokens.person(text) is None
    await staffed.store.accounts.enable("bo", staffed.admin)
    assert await staffed.store.tokens.person(text)


async def test_a_token_loses_what_its_account_loses(staffed) -> None:
    _, text = await make(staffed, READ, LIVE)
    await staffed.store.accounts.set_role("bo", Role.OPERATOR, staffed.admin)
    assert (await staffed.store.tokens.person(text)).permissions == {LIVE}


async def test_a_new_password_leaves_tokens_as_they_are(staffed) -> None:
    _, text = await make(staffed)
    await staffed.store.accounts.set_password("bo", "en hest en ko og et lam", staffed.admin)
    assert await staffed.store.tokens.person(text)


async def test_a_scope_that_no_version_has_allows_nothing(staffed) -> None:
    made, text = await make(staffed, READ)
    async with staffed.store._database.writing() as connection:
        await connection.execute(tokens.update().values(scopes='["calls:read", "everything"]'))
    assert (await staffed.store.tokens.person(text)).permissions == {READ}
    assert [token.scopes for token in await staffed.store.tokens.all()] == [made.scopes]


async def test_what_the_role_may_not_do_no_token_may(staffed) -> None:
    assert await refusal(staffed, READ, Permission.MANAGE_ACCOUNTS) == (
        "scope: 'accounts:manage' is not of what bo (supervisor) may do; allowed are "
        "live:watch, calls:read, positions:read, recordings:listen, menus:read"
    )


async def test_a_token_needs_a_scope_an_account_and_a_future(staffed) -> None:
    assert (await refusal(staffed)).startswith(
        "scope: none given; one or more of what bo (supervisor) may do;"
    )
    assert await refusal(staffed, READ, account="nobody") == (
        "account 'nobody' is unknown; `vagtcentral user list` names them"
    )
    assert await refusal(staffed, READ, expires_at=staffed.noon) == (
        "expires: 2019-03-04T11:00:00Z is past; a token ends in the future"
    )


async def test_the_list_shows_everything_but_the_token(staffed) -> None:
    made, text = await make(staffed, LIVE, READ, LIVE, expires_at=staffed.noon + DAY)
    await staffed.add("anna")
    await make(staffed, LIVE, account="anna")
    assert [token.account for token in await staffed.store.tokens.all()].count("anna") == 1
    (listed,) = await staffed.store.tokens.all("bo")
    assert listed == made
    assert listed.as_json() == {
        "id": made.id,
        "account": "bo",
        "scopes": ["live:watch", "calls:read"],
        "made_at": "2019-03-04T11:00:00Z",
        "expires_at": "2019-03-05T11:00:00Z",
        "revoked_at": None,
    }
    assert text not in str(listed)
