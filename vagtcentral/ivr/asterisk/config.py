"""The configuration of a real Asterisk 22 for this system: options in, a folder of files out.

Each file has a template of its name in `templates/`. `%{name}` is filled in from the options, which are checked
before anything is written: a value that could end a line, open a section or be read as a dialplan expression is
refused. Secrets are drawn here unless given; there is no default password.
"""

import math
import os
import re
import secrets
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import ip_address, ip_network
from pathlib import Path
from string import Template

from vagtcentral.ivr.asterisk.modules import MODULES

MARK = "; Written by `vagtcentral asterisk config`; it will be overwritten. Own additions: *_local.conf"
ARI_HOST = "127.0.0.1"  #: ARI sends secrets as plain text, so it is never bound elsewhere
CDR_COLUMNS = (
    ("uniqueid", "uniqueid"),
    ("linkedid", "linkedid"),
    ("sequence", "sequence"),
    ("channel", "channel"),
    ("dstchannel", "dstchannel"),
    ("src", "src"),
    ("dst", "dst"),
    ("start", "start,u"),
    ("answer", "answer,u"),
    ("end", "end,u"),
    ("disposition", "disposition"),
    ("userfield", "userfield"),
)
TEMPLATES = (
    "asterisk ari cdr cdr_custom extensions geolocation http indications logger modules musiconhold pjsip rtp"
).split()
SECRET_FILES = frozenset({"ari.conf", "pjsip.conf", "ari.secret"})

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_RESERVED = frozenset({"network", "udp", "global", "system", "general"})
_SECRET = re.compile(r"[A-Za-z0-9_.~-]{16,128}")
_HOST_PORT = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")
_NUMBER = re.compile(r"\+?[0-9]{2,15}")
_SIP_URI = re.compile(r"sip:[A-Za-z0-9_.+-]+@[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_BUILT_IN_SOUND = re.compile(r"[a-z0-9-]+(&[a-z0-9-]+)*")
_PATH = re.compile(r"/[\w./+-]*")
_SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path, less the closing zero


class BadOptionError(ValueError):
    """An option cannot stand in a configuration file; the message is one line that says which and what may."""


class ForeignConfigurationError(Exception):
    """The folder holds configuration that was not written by us."""


def _demand(sound: object, line: str) -> None:
    if not sound:
        raise BadOptionError(line)


def _port(name: str, port: int) -> None:
    _demand(1 <= port <= 65535, f"{name} {port} is no port: 1 to 65535")


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPhone:
    """A phone that ARI rings as `PJSIP/NAME`. It registers, unless `contact` (`host:port`) is where it always is."""

    name: str
    contact: str | None = None
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        ok = _NAME.fullmatch(self.name) and self.name.lower() not in _RESERVED
        allowed = f"a letter, then letters, digits, - and _, 40 at most, and none of {', '.join(sorted(_RESERVED))}"
        _demand(ok, f"operator {self.name!r}: {allowed}")
        contact_ok = self.contact is None or _HOST_PORT.fullmatch(self.contact)
        _demand(contact_ok, f"operator {self.name}: contact {self.contact!r} is not of the form host:port")
        secret_ok = self.password is None or _SECRET.fullmatch(self.password)
        _demand(secret_ok, f"operator {self.name}: the password needs 16 to 128 of letters, digits, _ . ~ -")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOptions:
    """What a site decides. Everything is bound to loopback unless said otherwise; ARI always is."""

    application: str = "vagtcentral"  #: the Stasis application and the ARI user
    ari_port: int = 8088
    ari_password: str | None = field(default=None, repr=False)  #: drawn unless given
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    rtp_ports: tuple[int, int] = (10000, 19999)  #: first and last
    network_hosts: tuple[str, ...] = ("127.0.0.1",)  #: addresses or networks from which calls may come, any port
    network_contact: str | None = None  #: `host:port` to which calls to a number are sent
    operators: tuple[OperatorPhone, ...] = ()
    emergency_fallback: str | None = None  #: for 112 without application: number, operator's name or SIP URI
    emergency_message: str = "pls-hold-while-try"  #: sound file or name of a built-in sound, said before that
    service_message: str = "im-sorry&please-try-call-later"  #: for every other number without application
    prompt_folders: tuple[Path, ...] = ()  #: from which `sound:/path/…` is played
    state: Path | None = None  #: recordings, call records, logs; `FOLDER/state` unless given
    session_expires_s: int = 180  #: after which a caller whose equipment died silently is noticed
    rtp_timeout_s: int = 0  #: hang up after so long without sound; 0 is never
    system_name: str | None = None  #: goes before every channel's id, where several switches share a store
    extra_modules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _demand(_NAME.fullmatch(self.application), f"application {self.application!r}: a letter, then letters, digits, - and _")
        _port("ari_port", self.ari_port)
        _port("sip_port", self.sip_port)
        first, last = self.rtp_ports
        _port("rtp_ports", first)
        _port("rtp_ports", last)
        _demand(last - first >= 3, f"rtp_ports {first}-{last}: a call needs two ports, an operator two more")
        secret_ok = self.ari_password is None or _SECRET.fullmatch(self.ari_password)
        _demand(secret_ok, "ari_password: 16 to 128 of letters, digits, _ . ~ -")
        for value, kind in ((self.sip_host, ip_address), *((host, ip_network) for host in self.network_hosts)):
            _demand(_parses(kind, value), f"{value!r} is no IP address: give one such as 127.0.0.1")
        contact_ok = self.network_contact is None or _HOST_PORT.fullmatch(self.network_contact)
        _demand(contact_ok, f"network_contact {self.network_contact!r} is not of the form host:port")
        names = [operator.name for operator in self.operators]
        twice = sorted({name for name in names if names.count(name) > 1})
        _demand(not twice, f"operator {', '.join(twice)} is named twice")
        _demand(self.session_expires_s >= 90, f"session_expires_s {self.session_expires_s}: 90 at least (RFC 4028)")
        _demand(self.rtp_timeout_s >= 0, f"rtp_timeout_s {self.rtp_timeout_s}: 0 (never) or more")
        for folder in (*self.prompt_folders, *([self.state] if self.state else [])):
            _demand(_PATH.fullmatch(str(folder)), f"{folder}: an absolute path of letters, digits and . _ + - only")
        name_ok = self.system_name is None or _NAME.fullmatch(self.system_name)
        _demand(name_ok, f"system_name {self.system_name!r}: a letter, then letters, digits, - and _")
        for module in self.extra_modules:
            _demand(re.fullmatch(r"[a-z0-9_]+", module), f"extra_modules: {module!r} is no module name such as app_queue")
        self.emergency_dial()
        for message in (self.emergency_message, self.service_message):
            sound_name(message)

    def emergency_dial(self) -> str | None:
        """What `Dial` takes for the 112 fallback: `PJSIP/…`, or None where there is none."""
        target = self.emergency_fallback
        if target is None:
            return None
        if target in {operator.name for operator in self.operators}:
            return f"PJSIP/{target}"
        if _SIP_URI.fullmatch(target):
            return f"PJSIP/network/{target}"
        _demand(_NUMBER.fullmatch(target), f"emergency fallback {target!r}: a number, an operator's name or sip:user@host:port")
        _demand(self.network_contact, f"emergency fallback {target}: to dial a number, network_contact must say where to")
        return f"PJSIP/{target}@network"


def _parses(kind: Callable[[str], object], value: str) -> bool:
    try:
        return bool(kind(value))
    except ValueError:
        return False


def sound_name(sound: str) -> str:
    """The name under which Asterisk plays a sound: a file's path less its ending, or a built-in name as it is.

    Raises `BadOptionError` when the file is missing, or is a WAV file that Asterisk does not play.
    """
    if not sound.startswith("/"):
        _demand(_BUILT_IN_SOUND.fullmatch(sound), f"sound {sound!r}: an absolute path, or the name of a built-in sound")
        return sound
    path = Path(sound)
    _demand(_PATH.fullmatch(sound), f"sound {sound}: an absolute path of letters, digits and . _ + - only")
    _demand(path.is_file() and path.suffix, f"sound {sound}: there is no such file")
    if path.suffix == ".wav":
        try:
            with wave.open(sound) as file:
                seen = (file.getframerate(), file.getnchannels(), 8 * file.getsampwidth())
        except (wave.Error, EOFError) as error:
            raise BadOptionError(f"sound {sound}: no readable WAV file ({error})") from None
        _demand(seen == (8000, 1, 16), f"sound {sound}: {seen} Hz, channels, bits; Asterisk plays (8000, 1, 16)")
    return str(path.with_suffix(""))
