"""What the telephone of the page lets one hear: the same prompts, as often, as a real call plays."""

import pytest

from vagtcentral.console.pages.keypad import Heard, listen
from vagtcentral.menus.load import shipped_menu
from vagtcentral.menus.walk import Walk


def dial(menu: str, keys: str = "") -> Heard:
    """What is heard after the last key, or at the start where there is none."""
    walk = Walk(shipped_menu(menu), "en", lambda entry, digits: True)
    heard = listen(walk, walk.start(), 0)
    for key in keys:
        heard = listen(walk, walk.press(key, heard.until), heard.until)
    return heard


def names(heard: Heard) -> list[str]:
    return [prompt.name for prompt in heard.prompts]


def test_the_prompts_until_the_first_key_are_heard_in_order() -> None:
    heard = dial("114")
    assert names(heard) == ["welcome", "main"]
    assert (heard.until, heard.arrived_at) == (2_000, None)


@pytest.mark.parametrize(
    ("menu", "keys", "prompt", "node"),
    [
        ("114", "31", "inform-permits", "inform-permits"),
        ("survey", "444", "thanks", "thanks"),
        ("114", "4", "putting-through", "tips"),
        ("114", "0", "emergency", "emergency"),
    ],
)
def test_the_last_words_are_heard_once(menu, keys, prompt, node) -> None:
    heard = dial(menu, keys)
    assert names(heard) == [prompt]
    assert heard.arrived_at == node
