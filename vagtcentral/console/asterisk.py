"""`vagtcentral asterisk`: the configuration of a real switch."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from vagtcentral.console.output import note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.console.settings import Settings

#: The endpoint of the network in the configuration that is written.
NETWORK = "network"
#: Where `scripts/asterisk install` puts a switch unless it is told otherwise.
SWITCH = "/var/lib/vagtcentral/asterisk"
#: How built-in sounds are named; any other name is refused before it could be a pattern for files.
BUILT_IN_NAME = re.compile(r"[a-z0-9-]+")

app = typer.Typer(help="Set up a real Asterisk for this system.", no_args_is_help=True)


@app.callback()
def asterisk() -> None:
    """Set up a real Asterisk for this system."""  # with a callback, `config` stays a name of its own


@app.command()
def config(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write, made where missing.")],
    ari_port: Annotated[
        int | None, typer.Option(help="Where ARI answers, on 127.0.0.1; default: the setting's port.")
    ] = None,
    sip_host: Annotated[
        str | None, typer.Option(help="The address for SIP and sound; default: the setting.")
    ] = None,
    sip_port: Annotated[int | None, typer.Option(help="The UDP port for SIP; default: the setting.")] = None,
    rtp_ports: Annotated[str, typer.Option(metavar="FIRST-LAST", help="For sound.")] = "10000-19999",
    network_host: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="From where calls may come; may repeat. [default: 127.0.0.1]"),
    ] = None,
    network_contact: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="To where a call to a number is sent.")
    ] = None,
    operator: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=HOST:PORT]",
            help="A phone, and where it is if it does not register; default: those of the staff file.",
        ),
    ] = None,
    emergency_fallback: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|NAME|SIP-URI", help="Who takes 112 while the control room's program is away."
        ),
    ] = None,
    emergency_message: Annotated[
        str, typer.Option(metavar="SOUND", help="What 112 hears then, before that: a file or built-in sound.")
    ] = "pls-hold-while-try",
    service_message: Annotated[
        str, typer.Option(metavar="SOUND", help="What 114 and others hear then.")
    ] = "im-sorry&please-try-call-later",
    prompts: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A folder of spoken prompts; may repeat; default: the setting."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite configuration of someone else.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document, without secrets.")] = False,
) -> None:
    """Write the files of a switch into DIR, with new random secrets, for the settings in use.

    Start it with `scripts/asterisk start - DIR`, or give the files to an Asterisk 22 of your own.
    """
    from vagtcentral.console.in_use import settings_in_use
    from vagtcentral.ivr.asterisk.config import (
        BadOptionError,
        ConfigOptions,
        ForeignConfigurationError,
        OperatorPhone,
        write_config,
    )

    settings = settings_in_use()
    staff_phones = _staff_phones(settings)
    phones = [one.partition("=") for one in operator or staff_phones]
    host, _, port = settings.sip_address.rpartition(":")
    folders = tuple(path.absolute() for path in prompts or (settings.prompts,))
    try:
        options = ConfigOptions(
            application=settings.ari_app,
            ari_port=_ari_port(settings) if ari_port is None else ari_port,
            sip_host=sip_host or host.strip("[]"),
            sip_port=int(port) if sip_port is None else sip_port,
            rtp_ports=_port_range(rtp_ports),
            network_hosts=tuple(network_host or ("127.0.0.1",)),
            network_contact=network_contact,
            operators=tuple(
                OperatorPhone(name=name, contact=contact if sign else None) for name, sign, contact in phones
            ),
            emergency_fallback=emergency_fallback,
            emergency_message=_sound(emergency_message),
            service_message=_sound(service_message),
            prompt_folders=folders,
        )
        written = write_config(folder, options, force=force)
    except BadOptionError as error:
        refuse(str(error))
    except ForeignConfigurationError as error:
        refuse(f"{error}; choose another folder, or overwrite it with --force")
    except OSError as error:
        refuse(f"{error.filename or folder}: {error.strerror}")
    environment = {
        "VAGTCENTRAL_ARI_URL": written.ari_url,
        "VAGTCENTRAL_ARI_USER": written.ari_user,
        "VAGTCENTRAL_ARI_PASSWORD_FILE": str(written.ari_password_file),
        "VAGTCENTRAL_SIP_ADDRESS": written.sip,
        "VAGTCENTRAL_RECORDINGS": str(written.recordings),
        "VAGTCENTRAL_PROMPTS": str(folders[0]),
    }
    if json:
        print_json(
            {
                "folder": str(written.folder),
                "files": [path.name for path in written.files],
                "sip": written.sip,
                "application": written.application,
                "operators": sorted(written.operator_passwords),
                "recordings": str(written.recordings),
                "call_records": str(written.call_records),
                "environment": environment,
            }
        )
    else:
        for name, value in environment.items():
            typer.echo(f"{name}={value}")
    note(f"{written.folder}: {len(written.files)} files; secrets are in pjsip.conf (phones) and ari.secret")
    _note_differences(settings, [name for name, _, _ in phones], staff_phones)
    if emergency_fallback is None:
        note("no --emergency-fallback: while the program is away, 112 hears a message and is asked to wait")


def _staff_phones(settings: "Settings") -> list[str]:
    """The names of the phones `PJSIP/NAME` in the staff file of the settings, none where there is none."""
    from vagtcentral.console.in_use import refuse_lines
    from vagtcentral.console.settings import SettingsError
    from vagtcentral.console.staff import load_staff

    if settings.staff is None:
        return []
    try:
        endpoints = [member.endpoint or "" for member in load_staff(settings.staff)]
    except SettingsError as error:
        refuse_lines(error.lines)
    return [endpoint.removeprefix("PJSIP/") for endpoint in endpoints if endpoint.startswith("PJSIP/")]


def _ari_port(settings: "Settings") -> int:
    url = urlsplit(settings.ari_url)
    return url.port or (443 if url.scheme == "https" else 80)


def _note_differences(settings: "Settings", phones: Sequence[str], staff: Sequence[str]) -> None:
    """Tell what the settings name that this switch does not have."""
    without = [name for name in staff if name not in phones]
    if without:
        note(f"{settings.staff}: {', '.join(without)}: no such phone on this switch")
    if settings.trunk != NETWORK:
        note(f"VAGTCENTRAL_TRUNK is {settings.trunk}; the network's endpoint on this switch is {NETWORK}")


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        refuse(f"--rtp-ports {text!r}: must be FIRST-LAST, such as 10000-19999")
    return int(first), int(last)


def _sound(sound: str) -> str:
    """A file named from where we are, as its absolute path; names of built-in sounds as they are.

    Where `scripts/asterisk` has installed a switch, its sounds are those that there are.
    """
    if "/" in sound or Path(sound).suffix:
        return str(Path(sound).absolute())
    built_in = Path(os.environ.get("VAGTCENTRAL_ASTERISK") or SWITCH, "usr/share/asterisk/sounds")
    for name in sound.split("&"):
        if BUILT_IN_NAME.fullmatch(name) and built_in.is_dir() and not any(built_in.glob(f"*/{name}.*")):
            refuse(f"sound {name!r}: no built-in sound of the switch, {built_in}; a file needs its ending")
    return sound
