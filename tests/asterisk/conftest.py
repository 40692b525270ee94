"""A real Asterisk for the tests of this folder: one for each test session (and worker), more on request.

Where there is none to be had (no root, nothing installed) the tests are skipped with the reason; with
`CI=true` in the environment they fail. The methods of `Switch` block: with a running event loop, use
`await asyncio.to_thread(switch.restart)`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from vagtcentral.ivr.asterisk.config import ConfigOptions, OperatorPhone, Written, write_config
from vagtcentral.menus.load import shipped_menu, shipped_names
from vagtcentral.menus.prompts import PromptStore

SCRIPT = Path(__file__).parents[2] / "scripts" / "asterisk"
INSTALLED = Path(os.environ.get("VAGTCENTRAL_ASTERISK", "/var/lib/vagtcentral/asterisk"))


def cannot(reason: str) -> NoReturn:
    """Skip for a reason; in CI that is a failure, because there everything is installed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"in CI nothing is skipped: {reason}")
    pytest.skip(reason)


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Switch:
    """One running Asterisk. `written` has its folder, ARI address, secrets, recordings."""

    written: Written
    ari_port: int
    sip_port: int
    pid: int = field(default=0)

    def _script(self, command: str, *arguments: str) -> str:
        done = subprocess.run(
            [SCRIPT, command, INSTALLED, self.written.folder, *arguments],
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start it, and return when ARI answers."""
        self.pid = int(self._script("start"))

    def stop(self) -> None:
        """End it in an orderly way: calls are hung up."""
        self._script("stop")

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        self._script("stop")

    def restart(self) -> None:
        """End it in an orderly way and start it again on the same ports."""
        self.stop()
        self.start()

    def rx(self, command: str) -> str:
        """What the console says to a command."""
        return self._script("rx", command)

    def complaints(self) -> list[str]:
        """The warnings and errors that Asterisk has logged."""
        lines = self.written.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "WARNING" in line or "ERROR" in line]

    def cpu_seconds(self) -> float:
        """Processor time used since the start."""
        return cpu_seconds(self.pid)


def _launch(**options: Any) -> Switch:
    """Start a switch on free ports, in a folder outside pytest's: a socket's path must be short."""
    if os.geteuid() != 0:
        cannot("a private Asterisk needs root")
    if not (INSTALLED / ".vagtcentral-asterisk").is_file():
        cannot(f"no Asterisk in {INSTALLED}: run 'scripts/asterisk install'")
    folder = Path(tempfile.mkdtemp(prefix="vagt-switch-"))
    try:
        for attempt in range(3):  # a port that was free may be taken a moment later
            switch = _on_free_ports(folder, options)
            try:
                switch.start()
                break
            except AssertionError as error:
                if attempt == 2 or "a port is taken" not in str(error):
                    raise
    except BaseException:
        shutil.rmtree(folder)
        raise
    return switch


def _on_free_ports(folder: Path, options: dict[str, Any]) -> Switch:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 10000 + 2000 * (worker % 11)  # below the ports that the kernel gives to others
    everything = {
        "ari_port": free_port(socket.SOCK_STREAM),
        "sip_port": free_port(),
        "rtp_ports": (first, first + 1999),
        "operators": (OperatorPhone(name="anna"), OperatorPhone(name="bo")),
        **options,
    }
    return Switch(
        written=write_config(folder, ConfigOptions(**everything)),
        ari_port=everything["ari_port"],
        sip_port=everything["sip_port"],
    )


def _end(switch: Switch) -> None:
    try:
        switch.stop()
    finally:
        shutil.rmtree(switch.written.folder, ignore_errors=True)


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
    _end(running)


@pytest.fixture
def make_switch() -> Iterator[Callable[..., Switch]]:
    """Start switches of the test's own: `make_switch(operators=…, …)`, any of `ConfigOptions`."""
    made: list[Switch] = []

    def make(**options: Any) -> Switch:
        made.append(_launch(**options))
        return made[-1]

    yield make
    for one in made:
        _end(one)
