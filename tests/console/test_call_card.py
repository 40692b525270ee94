"""The card of a call: the times that run, and those that do not."""

from html import unescape
from re import findall

from tests.console.floor_bench import FloorBench
from tests.console.test_in_place import page
from vagtcentral.console.pages.call_card import CallCard
from vagtcentral.console.words import say_in
from vagtcentral.ivr.events import CommandFailed


def facts(bench: FloorBench, call_id: str, operator: str = "anna") -> dict[str, str]:
    """What the card says of a call now, by its names."""
    with page() as (client, _):
        card = CallCard(say_in("en"), operator)
        card.show(bench.call(call_id), [])
        card.tick(bench.clock.now())
        html = "".join(getattr(element, "content", "") for element in client.elements.values())
    pairs = findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", html)
    return {unescape(name): unescape(value) for name, value in pairs}


async def test_who_waits_has_waited_until_now_and_then_no_longer() -> None:
    bench = FloorBench()
    await bench.rings("a")
    await bench.settle(25)
    assert facts(bench, "a")["Waited"] == "0:25"
    await bench.talks("b")  # anna gets the first that waits
    await bench.settle(30)
    assert facts(bench, "a")["Waited"] == "0:25"


async def test_after_the_conversation_it_is_told_how_long_it_was() -> None:
    bench = FloorBench()
    await bench.talks()
    await bench.settle(20)
    bench.floor.hold("anna")
    await bench.settle(10)
    assert facts(bench, "a")["Conversation"] == "0:30"
    await bench.hangs_up("a")
    await bench.settle(15)
    assert facts(bench, "a")["Conversation"] == "0:30"
    assert facts(bench, "a", "bo")["Conversation"] == "–"


async def test_after_a_transfer_each_operator_sees_his_own_conversation() -> None:
    bench = FloorBench()
    await bench.rings_with_a_tip()
    bench.floor.sign_in("anna", ready=True)
    await bench.settle()
    bench.floor.answer("anna")
    await bench.settle(20)
    bench.floor.sign_in("kim", ready=True)
    bench.floor.transfer("anna", "general", None, "wrong_group")
    await bench.settle(5)
    assert facts(bench, "b", "kim")["Conversation"] == "–"
    bench.floor.answer("kim")
    await bench.settle(7)
    assert facts(bench, "b", "kim")["Conversation"] == "0:07"
    assert facts(bench, "b", "anna")["Conversation"] == "0:20"


async def test_a_connection_that_failed_was_no_conversation() -> None:
    bench = FloorBench()
    await bench.talks()
    bench.controller.report("a", CommandFailed(bench.clock.now(), "connect", "no bridge"))
    await bench.settle()
    assert facts(bench, "a")["Conversation"] == "–"
