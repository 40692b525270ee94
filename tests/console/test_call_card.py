"""The card of a call: the times that run, and those that do not."""

from html import unescape
from re import findall

from tests.console.floor_bench import FloorBench
from tests.console.test_in_place import page
from vagtcentral.console.pages.call_card import CallCard
from vagtcentral.console.words import say_in


def facts(bench: FloorBench, call_id: str) -> dict[str, str]:
    """What the card says of a call now, by its names."""
    with page() as (client, _):
        card = CallCard(say_in("en"))
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
