"""`vagtcentral asterisk`: the configuration of a real switch."""

from pathlib import Path
from typing import Annotated

import typer

from vagtcentral.console.output import note, print_json, refuse

app = typer.Typer(help="Set up a real Asterisk for this system.", no_args_is_help=True)


@app.callback()
def asterisk() -> None:
    """Set up a real Asterisk for this system."""  # with a callback, `config` stays a name of its own


@app.command()
def config(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write, made where missing.")],
    ari_port: Annotated[int, typer.Option(help="Where ARI answers, on 127.0.0.1.")] = 8088,
    sip_host: Annotated[str, typer.Option(help="The address for SIP and sound.")] = "127.0.0.1",
    sip_port: Annotated[int, typer.Option(help="The UDP port for SIP.")] = 5060,
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
        typer.Option(metavar="NAME[=HOST:PORT]", help="A phone, and where it is if it does not register."),
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
        list[Path] | None, typer.Option(metavar="DIR", help="A folder of spoken prompts; may repeat.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite configuration of someone else.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document, without secrets.")] = False,
) -> None:
    """Write the files of a switch into DIR, with new random secrets.

    Start it with `scripts/asterisk start - DIR`, or give the files to an Asterisk 22 of your own.
    """
    from vagtcentral.ivr.asterisk.config import (
        BadOptionError,
        ConfigOptions,
        ForeignConfigurationError,
        OperatorPhone,
        write_config,
    )

    phones = [one.partition("=") for one in operator or ()]
    try:
        options = ConfigOptions(
            ari_port=ari_port,
            sip_host=sip_host,
            sip_port=sip_port,
            rtp_ports=_port_range(rtp_ports),
            network_hosts=tuple(network_host or ("127.0.0.1",)),
            network_contact=network_contact,
            operators=tuple(
                OperatorPhone(name=name, contact=contact if sign else None) for name, sign, contact in phones
            ),
            emergency_fallback=emergency_fallback,
            emergency_message=_absolute(emergency_message),
            service_message=_absolute(service_message),
            prompt_folders=tuple(path.absolute() for path in prompts or ()),
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
    if emergency_fallback is None:
        note("no --emergency-fallback: while the program is away, 112 hears a message and is asked to wait")


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        refuse(f"--rtp-ports {text!r}: must be FIRST-LAST, such as 10000-19999")
    return int(first), int(last)


def _absolute(sound: str) -> str:
    """A file named from where we are, as its absolute path; the name of a built-in sound as it is."""
    return str(Path(sound).absolute()) if "/" in sound or Path(sound).suffix else sound
