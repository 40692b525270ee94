"""`vagtcentral aml`: read Advanced Mobile Location messages."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from vagtcentral.console.output import print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.location.aml import AmlMessage

app = typer.Typer(help="Read location messages from handsets.", no_args_is_help=True)


@app.callback()
def aml() -> None:
    """Read location messages from handsets."""


@app.command()
def decode(
    message: Annotated[
        str, typer.Argument(help="One AML message in any form, or - to read it (or its octets) from stdin.")
    ],
    received: Annotated[
        str | None,
        typer.Option(help="When it arrived (ISO 8601, UTC unless stated): tells a stale fix."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read one AML or ELS message: its fields, its position, and everything odd about it.

    Forms: text; data message or SMS-DELIVER in hexadecimal, base64 or (from stdin) octets; several parts, one
    a line; the HTTPS form. Fine (status 0) for anything that is AML, however damaged; status 2 for what is
    not AML at all.
    """
    from vagtcentral.location.aml_any import decode_any

    received_at = None if received is None else _instant(received)
    decoded = decode_any(read_octets() if message == "-" else read_message(message), received_at)
    refuse_unless_aml("MESSAGE", decoded)
    if json:
        print_json(decoded.as_json())
    else:
        _print_table(decoded)


def refuse_unless_aml(place: str, decoded: "AmlMessage") -> None:
    """End with one line if that is no AML message at all; `place` is the argument that held it."""
    from vagtcentral.location.aml import LONGEST
    from vagtcentral.location.anomaly import Anomaly

    if Anomaly.OVERLONG in decoded.anomalies:
        refuse(f"{place}: {shortened(decoded.raw)} has more than {LONGEST} characters: it is no AML message")
    if Anomaly.NOT_AML in decoded.anomalies:
        refuse(f'{place}: {shortened(decoded.raw)} is no AML message; as text it begins with A"ML=1;')


def read_octets() -> bytes:
    """All of stdin, without its last line end if it is text; octets of a data message may end like that."""
    octets = sys.stdin.buffer.read()
    if any(octet < 32 and octet not in b"\t\r\n" for octet in octets):
        return octets
    return octets.removesuffix(b"\n").removesuffix(b"\r")


def read_message(text: str) -> str:
    """The message given as an argument, or all of stdin without its last line end where the argument is `-`.

    Bytes that are not UTF-8 are read as Latin-1, so that none is lost.
    """
    octets = sys.stdin.buffer.read() if text == "-" else text.encode("utf-8", "surrogateescape")
    try:
        content = octets.decode("utf-8")
    except UnicodeDecodeError:
        content = octets.decode("latin-1")
    return content.removesuffix("\n").removesuffix("\r") if text == "-" else content


def shortened(text: str) -> str:
    """A text as one quoted line of bearable length, for error messages."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _instant(text: str) -> int:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"--received: {shortened(text)} is no ISO 8601 time, e.g. 2019-03-04T10:15:00Z")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _print_table(decoded: "AmlMessage") -> None:
    from rich.console import Console
    from rich.table import Table

    from vagtcentral.location.position import iso_utc
    from vagtcentral.location.uncertainty import conversion, radius_95

    rows = Table(show_header=False, box=None, pad_edge=False)
    rows.add_column(style="bold")
    rows.add_column()
    wrapped = f" ({', '.join(decoded.layers)})" if decoded.layers else ""
    rows.add_row("form", decoded.form + wrapped)
    if decoded.msisdn:
        rows.add_row("number", decoded.msisdn)
    if decoded.sent_at is not None:
        rows.add_row("sent", iso_utc(decoded.sent_at))
    position = decoded.position
    if position is None:
        rows.add_row("position", "none")
    else:
        shown = position.as_json()
        where = f"{position.latitude:.6f}, {position.longitude:.6f}"
        rows.add_row("position", f"{where} ({position.source.value})")
        radius = radius_95(position)
        sure = "unknown" if radius is None else f"{radius:.0f} m at 95 % ({conversion(position)})"
        rows.add_row("radius", sure)
        rows.add_row("time", shown["time"] or "unknown")
    rows.add_row("IMSI", decoded.imsi or "none")
    rows.add_row("IMEI", decoded.imei or "none")
    rows.add_row("network", decoded.network or "unknown")
    for anomaly in decoded.anomalies:
        rows.add_row(anomaly.value, anomaly.meaning)
    Console().print(rows)
