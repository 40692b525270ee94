"""What a site decides about its switch, checked before a line of configuration is written.

A value that could end a line, open a section or be read as a dialplan expression is refused.
"""

import re
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

#: A path that Asterisk's files and dialplan take as it stands.
PLAIN_PATH = re.compile(r"/[\w./+-]*")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_NAME_RULE = "a letter, then letters, digits, - and _, 40 at most"
_RESERVED = frozenset({"network", "udp", "global", "system", "general"})
_SECRET = re.compile(r"[A-Za-z0-9_.~-]{16,128}")
_SECRET_RULE = "16 to 128 letters, digits and _ . ~ -"
_HOST = r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])"
_HOST_PORT = re.compile(rf"{_HOST}:[0-9]{{1,5}}")
_HOST_PORT_RULE = "must be host:port, an IPv6 address as [::1]:port"
_NUMBER = re.compile(r"\+?[0-9]{2,15}")
_SIP_URI = re.compile(rf"sip:[A-Za-z0-9_.+-]+@{_HOST}(:[0-9]{{1,5}})?")
_BUILT_IN_SOUND = re.compile(r"[a-z0-9-]+(&[a-z0-9-]+)*")
#: The endings of sound files for which the switch loads a format, at a telephone's 8 kHz.
_SOUND_FORMS = (".wav", ".gsm", ".alaw", ".ulaw", ".sln")
_MODULE = re.compile(r"[a-z0-9_]+")


class BadOptionError(ValueError):
    """An option cannot stand in a configuration file; the message is one line: which, and what is allowed."""


def _demand(sound: object, line: str) -> None:
    if not sound:
        raise BadOptionError(line)


def _fits(what: str, value: str | None, pattern: re.Pattern[str], rule: str) -> None:
    _demand(value is None or pattern.fullmatch(value), f"{what} {value!r}: {rule}")


def _parses(what: str, value: str, parse: Callable[[str], object], rule: str) -> None:
    """Python takes any text after `%` for the scope of an IPv6 address, an end of the line too."""
    _demand("%" not in value, f"{what}: {rule}, without a scope")
    try:
        parse(value)
    except ValueError:
        raise BadOptionError(f"{what}: {rule}") from None


def _secret(what: str, value: str | None) -> None:
    _demand(value is None or _SECRET.fullmatch(value), f"{what}: {_SECRET_RULE}")  # the value is not shown


def _plain_path(what: str, path: Path) -> None:
    _fits(what, str(path), PLAIN_PATH, "an absolute path of letters, digits and . _ + - only")


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPhone:
    """A phone that ARI rings as `PJSIP/NAME`.

    It registers with its name and secret, unless `contact` (`host:port`) says where it always is.
    """

    name: str
    contact: str | None = None
    password: str | None = field(default=None, repr=False)  #: drawn unless given

    def __post_init__(self) -> None:
        _fits("operator", self.name, _NAME, _NAME_RULE)
        reserved = ", ".join(sorted(_RESERVED))
        _demand(self.name.lower() not in _RESERVED, f"operator {self.name!r}: any name but {reserved}")
        _fits(f"operator {self.name}: contact", self.contact, _HOST_PORT, _HOST_PORT_RULE)
        _secret(f"operator {self.name}: password", self.password)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOptions:
    """What a site decides. SIP is bound to loopback unless said otherwise; ARI always is."""

    #: The Stasis application, and the ARI user.
    application: str = "vagtcentral"
    ari_port: int = 8088
    #: Drawn unless given.
    ari_password: str | None = field(default=None, repr=False)
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    #: The first and the last port for sound.
    rtp_ports: tuple[int, int] = (10000, 19999)
    #: Addresses or networks (`10.0.0.0/24`) from which calls may come, from any port.
    network_hosts: tuple[str, ...] = ("127.0.0.1",)
    #: `host:port` to which a call to a number is sent.
    network_contact: str | None = None
    operators: tuple[OperatorPhone, ...] = ()
    #: Who takes 112 while the application is away: a number, an operator's name, or `sip:user@host:port`.
    emergency_fallback: str | None = None
    #: What 112 hears before that: a sound file, or the name of a built-in sound.
    emergency_message: str = "pls-hold-while-try"
    #: What every other number hears while the application is away.
    service_message: str = "im-sorry&please-try-call-later"
    #: Folders from which `sound:/path/…` is played.
    prompt_folders: tuple[Path, ...] = ()
    #: For recordings, call records and logs; `FOLDER/state` unless given.
    state: Path | None = None
    #: After so long a caller whose equipment died in silence is noticed, where that equipment keeps RFC 4028.
    session_expires_s: int = 180
    #: Hang up after so long without sound; 0 is never.
    rtp_timeout_s: int = 0
    #: Goes before the id of every channel, where several switches share a store.
    system_name: str | None = None
    extra_modules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _fits("application", self.application, _NAME, _NAME_RULE)
        _fits("system name", self.system_name, _NAME, _NAME_RULE)
        _secret("ARI password", self.ari_password)
        self._check_addresses()
        names = [operator.name for operator in self.operators]
        twice = sorted({name for name in names if names.count(name) > 1})
        _demand(not twice, f"operator {', '.join(twice)} is named twice")
        expires, silence = self.session_expires_s, self.rtp_timeout_s
        _demand(expires >= 90, f"session expiry of {expires} s: 90 s at least (RFC 4028)")
        _demand(silence >= 0, f"RTP timeout of {silence} s: 0 (never) or more")
        for folder in self.prompt_folders:
            _plain_path("prompt folder", folder)
        if self.state is not None:
            _plain_path("state folder", self.state)
        for module in self.extra_modules:
            _fits("extra module", module, _MODULE, "a name such as app_queue")
        self.emergency_dial()
        for message in (self.emergency_message, self.service_message):
            sound_name(message)

    def _check_addresses(self) -> None:
        first, last = self.rtp_ports
        for what, port in (("ARI", self.ari_port), ("SIP", self.sip_port), ("RTP", first), ("RTP", last)):
            _demand(1 <= port <= 65535, f"{what} port {port}: 1 to 65535")
        _demand(last - first >= 3, f"RTP ports {first}-{last}: two for the caller, two for the operator")
        rule = "an IP address such as 127.0.0.1"
        _parses(f"SIP address {self.sip_host!r}", self.sip_host, ip_address, rule)
        for host in self.network_hosts:
            rule = "an IP address, or a network such as 10.0.0.0/24"
            _parses(f"network host {host!r}", host, ip_network, rule)
        _fits("network contact", self.network_contact, _HOST_PORT, _HOST_PORT_RULE)

    @property
    def sip(self) -> str:
        """Where the switch takes SIP, `host:port`; an IPv6 address stands in brackets."""
        version_6 = isinstance(ip_address(self.sip_host), IPv6Address)
        return f"[{self.sip_host}]:{self.sip_port}" if version_6 else f"{self.sip_host}:{self.sip_port}"

    def emergency_dial(self) -> str | None:
        """What `Dial` takes for the 112 fallback: `PJSIP/…`, or None where there is none."""
        target = self.emergency_fallback
        if target is None:
            return None
        if target in {operator.name for operator in self.operators}:
            return f"PJSIP/{target}"
        if _SIP_URI.fullmatch(target):
            return f"PJSIP/network/{target}"
        rule = "a number, the name of an operator given, or sip:user@host:port"
        _fits("emergency fallback", target, _NUMBER, rule)
        _demand(
            self.network_contact,
            f"emergency fallback {target}: for a number, the network contact must say where to send the call",
        )
        return f"PJSIP/{target}@network"


def sound_name(sound: str) -> str:
    """The name under which Asterisk plays a sound: a file's path less its ending; a built-in name as it is.

    Raises `BadOptionError` when the file is missing, or is none that Asterisk plays.
    """
    if not sound.startswith("/"):
        _fits("sound", sound, _BUILT_IN_SOUND, "an absolute path, or the name of a built-in sound")
        return sound
    path = Path(sound)
    _plain_path("sound", path)
    _demand(path.is_file(), f"sound {sound}: there is no such file")
    _demand(path.suffix in _SOUND_FORMS, f"sound {sound}: its name must end in {', '.join(_SOUND_FORMS)}")
    if path.suffix == ".wav":
        try:
            with wave.open(sound) as file:
                seen = (file.getframerate(), file.getnchannels(), 8 * file.getsampwidth())
        except (wave.Error, EOFError, OSError) as error:
            raise BadOptionError(f"sound {sound}: no readable WAV file ({error})") from None
        rule = f"{seen[0]} Hz, {seen[1]} channel(s), {seen[2]} bits; Asterisk plays 8000 Hz, 1, 16"
        _demand(seen == (8000, 1, 16), f"sound {sound}: {rule}")
    return str(path.with_suffix(""))
