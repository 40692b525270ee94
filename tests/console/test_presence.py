"""Who sits at a desk, as the open pages tell."""

import asyncio

import pytest

from tests.console.floor_bench import FloorBench
from vagtcentral.console.floor import Doing
from vagtcentral.console.presence import Presence

GRACE_S = 0.02


@pytest.fixture
def bench() -> FloorBench:
    bench = FloorBench()
    bench.floor.sign_in("anna", ready=True)
    return bench


async def test_when_the_last_page_has_gone_for_a_while_nobody_sits_there(bench: FloorBench) -> None:
    presence = Presence(bench.floor, GRACE_S)
    first, second = presence.opened("anna"), presence.opened("anna")
    first()
    first()  # told twice, counted once
    await asyncio.sleep(3 * GRACE_S)
    assert bench.doing("anna") is Doing.READY
    second()
    assert bench.doing("anna") is Doing.READY
    await asyncio.sleep(3 * GRACE_S)
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.NOT_READY, "left")
    assert bench.desk("anna").on_shift
    assert not bench.desk("anna").at_page


async def test_a_page_that_is_loaded_again_is_no_leaving(bench: FloorBench) -> None:
    presence = Presence(bench.floor, GRACE_S)
    presence.opened("anna")()
    presence.opened("anna")
    await asyncio.sleep(3 * GRACE_S)
    assert bench.doing("anna") is Doing.READY


async def test_who_signs_out_is_gone_at_once(bench: FloorBench) -> None:
    presence = Presence(bench.floor, 60.0)
    closed = presence.opened("anna")
    closed()
    presence.signed_out("anna")
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.NOT_READY, "signed_out")
    assert not bench.desk("anna").on_shift


async def test_who_signs_out_after_his_page_has_gone_has_ended_his_shift(bench: FloorBench) -> None:
    bench.floor.leave("anna", "left")
    Presence(bench.floor, 60.0).signed_out("anna")
    assert (bench.desk("anna").reason, bench.desk("anna").on_shift) == ("left", False)


async def test_who_signs_out_in_one_browser_and_sits_at_another_stays(bench: FloorBench) -> None:
    presence = Presence(bench.floor, 60.0)
    presence.opened("anna")
    closed = presence.opened("anna")
    closed()
    presence.signed_out("anna")
    assert bench.doing("anna") is Doing.READY
    assert bench.desk("anna").on_shift
