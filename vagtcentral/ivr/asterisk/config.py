"""The configuration of a real Asterisk 22 for this system: options in, a folder of files out.

Each file has a template of its name in `templates/`, in which `%{name}` is filled in. Secrets are drawn here
unless given; there is no default password.
"""

import math
import os
import secrets
import wave
from array import array
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from string import Template

from vagtcentral.ivr.asterisk.config_options import (
    PLAIN_PATH,
    BadOptionError,
    ConfigOptions,
    OperatorPhone,
    sound_name,
)

__all__ = [
    "CDR_COLUMNS",
    "BadOptionError",
    "ConfigOptions",
    "ForeignConfigurationError",
    "OperatorPhone",
    "Written",
    "foreign_files",
    "write_config",
]

MARK = "; Written by `vagtcentral asterisk config`, which overwrites it. Own additions: *_local.conf\n"
ARI_HOST = "127.0.0.1"  #: ARI sends secrets as plain text, so it is never bound elsewhere

#: The columns of Asterisk's own call records, and what `CDR()` calls them. `u`: seconds with microseconds.
CDR_COLUMNS = {
    "uniqueid": "uniqueid",
    "linkedid": "linkedid",
    "sequence": "sequence",
    "channel": "channel",
    "dstchannel": "dstchannel",
    "src": "src",
    "dst": "dst",
    "start": "start,u",
    "answer": "answer,u",
    "end": "end,u",
    "disposition": "disposition",
    "userfield": "userfield",
}

NO_NUMBER = "; no number is set for this case"

CONF_FILES = (
    "acl",
    "ari",
    "asterisk",
    "ccss",
    "cdr",
    "cdr_custom",
    "cel",
    "extensions",
    "features",
    "geolocation",
    "http",
    "indications",
    "logger",
    "modules",
    "musiconhold",
    "pjproject",
    "pjsip",
    "rtp",
    "stasis",
    "udptl",
    "websocket_client",
)
SECRET_FILES = frozenset({"ari.conf", "pjsip.conf", "ari.secret"})

_SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path, less the closing zero


class ForeignConfigurationError(Exception):
    """The folder holds configuration that was not written by us; the message is one line that names it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and how to reach the switch that runs with it."""

    folder: Path
    files: tuple[Path, ...]
    application: str
    ari_url: str  #: `http://HOST:PORT/ari`
    ari_user: str
    ari_password: str = field(repr=False)
    ari_password_file: Path
    sip: str  #: `host:port`, UDP; an IPv6 address in brackets
    operator_passwords: dict[str, str] = field(repr=False)
    state: Path
    recordings: Path  #: where a recording named `x` is `x.wav`
    call_records: Path  #: CSV without a heading; its columns are `CDR_COLUMNS`
    log: Path  #: warnings and errors


class _ConfTemplate(Template):
    """`%{name}`, because `${…}` is the dialplan's own."""

    delimiter = "%"


def _fill(template: str, values: dict[str, str]) -> str:
    text = files(__package__).joinpath("templates", template).read_text(encoding="utf-8")
    return _ConfTemplate(text).substitute(values)


def foreign_files(folder: Path) -> list[Path]:
    """The configuration files in a folder that are not ours, additions (`*_local.conf`) aside."""
    return [
        path
        for path in sorted(folder.glob("*.conf"))
        if not path.name.endswith("_local.conf")
        and not path.read_text(encoding="utf-8", errors="replace").startswith(MARK)
    ]


def write_config(folder: Path, options: ConfigOptions, *, force: bool = False) -> Written:
    """Write the configuration for `options` into `folder`, replacing what we wrote there before, secrets too.

    Files that hold secrets, and the folder of recordings and call records, are for the owner only. Raises
    `ForeignConfigurationError` for a folder that holds configuration of someone else, unless `force`;
    `BadOptionError` for a path that cannot stand in a configuration file; `OSError` where it cannot write.
    """
    folder = folder.absolute()
    state = options.state or folder / "state"
    _check_paths(folder, state)
    if not force and (foreign := foreign_files(folder)):
        raise ForeignConfigurationError(f"{foreign[0]} was not written by vagtcentral")
    ari_password = options.ari_password or secrets.token_urlsafe(32)
    passwords = {phone.name: phone.password or secrets.token_urlsafe(24) for phone in options.operators}
    texts = {
        f"{name}.conf": MARK + _fill(f"{name}.conf", _values(options, folder, state, ari_password, passwords))
        for name in CONF_FILES
    }
    texts["ari.secret"] = ari_password + "\n"
    for part in ("db", "lib", "spool/recording", "run", "log/cdr-custom", "cache"):
        (state / part).mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    (folder / "moh").mkdir(parents=True, exist_ok=True)
    _write_hold_tone(folder / "moh" / "hold.wav")
    for name, text in texts.items():
        _write(folder / name, text, 0o600 if name in SECRET_FILES else 0o644)
    return Written(
        folder=folder,
        files=tuple(folder / name for name in texts),
        application=options.application,
        ari_url=f"http://{ARI_HOST}:{options.ari_port}/ari",
        ari_user=options.application,
        ari_password=ari_password,
        ari_password_file=folder / "ari.secret",
        sip=options.sip,
        operator_passwords=passwords,
        state=state,
        recordings=state / "spool/recording",
        call_records=state / "log/cdr-custom/calls.csv",
        log=state / "log/messages",
    )


def _check_paths(folder: Path, state: Path) -> None:
    for path in (folder, state):
        if not PLAIN_PATH.fullmatch(str(path)):
            raise BadOptionError(f"{path}: an absolute path of letters, digits and . _ + - only")
    socket = state / "run" / "asterisk.ctl"
    if len(os.fsencode(socket)) > _SOCKET_PATH_BYTES:
        raise BadOptionError(f"{socket} is too long for a socket: {_SOCKET_PATH_BYTES} bytes at most")


def _values(
    options: ConfigOptions, folder: Path, state: Path, ari_password: str, passwords: dict[str, str]
) -> dict[str, str]:
    media = _media(options)
    shown = [folder, *options.prompt_folders]
    shown += [
        Path(sound).parent
        for sound in (options.emergency_message, options.service_message)
        if sound.startswith("/")
    ]
    dial = options.emergency_dial()
    contact = options.network_contact
    fields = (f"${{CSV_QUOTE(${{CDR({source})}})}}" for source in CDR_COLUMNS.values())
    operators = (
        _fill(
            "pjsip_operator.conf",
            {
                "name": phone.name,
                "media": media,
                "contact": f"contact = sip:{phone.name}@{phone.contact}" if phone.contact else "",
                "password": passwords[phone.name],
            },
        )
        for phone in options.operators
    )
    network_aor = f"aors = network\n\n[network]\ntype = aor\ncontact = sip:{contact}" if contact else ""
    return {
        "application": options.application,
        "ari_host": ARI_HOST,
        "ari_password": ari_password,
        "ari_port": str(options.ari_port),
        "columns": ", ".join(CDR_COLUMNS),
        "emergency_dial": " same => n,Dial(Local/112@fallback/n,60)" if dial else NO_NUMBER,
        "emergency_message": sound_name(options.emergency_message),
        "fallback_dial": f" same => n,Dial({dial},60)" if dial else NO_NUMBER,
        "extra_modules": "\n".join(f"require = {name}.so" for name in options.extra_modules),
        "folder": str(folder),
        "folders": "\n".join(f"prompts => {path}" for path in dict.fromkeys(shown)),
        "mapping": ",".join(fields),
        "media": media,
        "network_aor": network_aor,
        "network_matches": "\n".join(f"match = {host}" for host in options.network_hosts),
        "operators": "\n".join(operators),
        "rtp_end": str(options.rtp_ports[1]),
        "rtp_start": str(options.rtp_ports[0]),
        "service_message": sound_name(options.service_message),
        "sip": options.sip,
        "state": str(state),
        "system_name": f"systemname = {options.system_name}" if options.system_name else "",
    }


def _media(options: ConfigOptions) -> str:
    """What the network's endpoint and the operators' have in common."""
    lines = [
        "disallow = all",
        "allow = alaw,ulaw",
        "dtmf_mode = rfc4733",
        "direct_media = no",
        "rtp_symmetric = yes",
        "force_rport = yes",
        "allow_overlap = no",
        "timers = yes",
        "timers_min_se = 90",
        f"timers_sess_expires = {options.session_expires_s}",
        f"rtp_timeout = {options.rtp_timeout_s}",
    ]
    if not ip_address(options.sip_host).is_unspecified:
        lines += [f"media_address = {options.sip_host}", "bind_rtp_to_media_address = yes"]
    return "\n".join(lines)


def _write(path: Path, text: str, mode: int) -> None:
    """Replace a file in one step; it has its mode before it has content."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    new.replace(path)


def _write_hold_tone(path: Path) -> None:
    """Two soft beeps (425 Hz, Denmark's tone) and four seconds of near silence, 8 kHz."""
    rate = 8000
    samples = array("h", bytes(2 * 5 * rate))
    for start in (0, 2 * rate // 5):
        length = rate // 5
        for i in range(length):
            swell = math.sin(math.pi * i / length) ** 2
            samples[start + i] = round(2500 * swell * math.sin(2 * math.pi * 425 * i / rate))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
