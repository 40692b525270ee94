"""A real Asterisk for the tests of this folder: one for each test session (and worker), more on request.

Where there is none to be had (no root, nothing installed) the tests are skipped with the reason; with
`CI=true` in the environment they fail.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.asterisk.switch import NoSwitchError, Switch, end, launch
from vagtcentral.menus.load import shipped_menu, shipped_names
from vagtcentral.menus.prompts import PromptStore


def cannot(reason: str) -> NoReturn:
    """Skip for a reason; in CI that is a failure, because there everything is installed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"in CI nothing is skipped: {reason}")
    pytest.skip(reason)


def _launch(**options: Any) -> Switch:
    try:
        return launch(**options)
    except NoSwitchError as error:
        cannot(str(error))


@pytest.fixture(scope="session")
def prompts() -> Iterator[PromptStore]:
    """All prompts of the shipped menus, spoken."""
    with tempfile.TemporaryDirectory(prefix="vagt-prompts-") as folder:
        Path(folder).chmod(0o755)  # the switch may run as another user
        store = PromptStore(Path(folder))
        for name in shipped_names():
            store.speak_all(shipped_menu(name))
        yield store


@pytest.fixture(scope="session")
def switch() -> Iterator[Switch]:
    """The switch that tests share: leave it running and its calls ended."""
    running = _launch()
    yield running
    end(running)


@pytest.fixture
def make_switch() -> Iterator[Callable[..., Switch]]:
    """Start switches of the test's own: `make_switch(operators=…, …)`, any of `ConfigOptions`."""
    made: list[Switch] = []

    def make(**options: Any) -> Switch:
        made.append(_launch(**options))
        return made[-1]

    yield make
    for one in made:
        end(one)
