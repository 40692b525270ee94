"""A real Asterisk of one's own, for tests and benchmarks: `launch` it, `end` it.

The methods of `Switch` block: with a running event loop, use `await asyncio.to_thread(switch.restart)`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.asterisk.ports import free_port
from vagtcentral.ivr.asterisk.config import ConfigOptions, OperatorPhone, Written, write_config

SCRIPT = Path(__file__).parents[2] / "scripts" / "asterisk"
INSTALLED = Path(os.environ.get("VAGTCENTRAL_ASTERISK", "/var/lib/vagtcentral/asterisk"))


class NoSwitchError(Exception):
    """There is no Asterisk to be had here; the message is the reason in one line."""


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


#: What Asterisk calls a warning or an error though nothing is wrong.
HARMLESS = (
    "Session already DISCONNECTED",  # its BYE and that of the caller have crossed
    "websocket is not ready",  # an event of the moment in which we connect; it is kept until we have
)


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
        """The warnings and errors that Asterisk has logged, but for what is harmless."""
        lines = self.written.log.read_text(errors="replace").splitlines()
        odd = (line for line in lines if "WARNING" in line or "ERROR" in line)
        return [line for line in odd if not any(harmless in line for harmless in HARMLESS)]

    def cpu_seconds(self) -> float:
        """Processor time used since the start."""
        return cpu_seconds(self.pid)


def launch(**options: Any) -> Switch:
    """Start a switch with any of `ConfigOptions`, on free ports; raises `NoSwitchError` where there is none.

    Its folder is outside pytest's: a socket's path must be short. `end` it.
    """
    if os.geteuid() != 0:
        raise NoSwitchError("a private Asterisk needs root")
    if not (INSTALLED / ".vagtcentral-asterisk").is_file():
        raise NoSwitchError(f"no Asterisk in {INSTALLED}: run 'scripts/asterisk install'")
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


def end(switch: Switch) -> None:
    """Stop it, and remove all that it has written."""
    try:
        switch.stop()
    finally:
        shutil.rmtree(switch.written.folder, ignore_errors=True)
