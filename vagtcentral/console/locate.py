"""`vagtcentral locate`: positions to municipality, district probabilities and decision."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vagtcentral.console.aml import read_message, shortened
from vagtcentral.console.districts import AtlasOption, atlas_in_use, data_as_json
from vagtcentral.console.output import print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.location.atlas import Atlas
    from vagtcentral.location.decision import Choice
    from vagtcentral.location.evidence import Evidence
    from vagtcentral.location.located import Decision, Located
    from vagtcentral.location.position import Position

SERVICES = ("112", "114")
CSV_COLUMNS = ("id", "municipality", "district", "probability", "distance_m", "action")


def locate(
    aml: Annotated[
        list[str] | None, typer.Option("--aml", help="An AML message, or - for one from stdin. May repeat.")
    ] = None,
    latitude: Annotated[
        list[str] | None, typer.Option("--lat", help="Latitude in degrees, WGS84. May repeat, with --lon.")
    ] = None,
    longitude: Annotated[list[str] | None, typer.Option("--lon", help="Longitude in degrees, WGS84.")] = None,
    radius: Annotated[
        list[str] | None, typer.Option("--radius", help="Radius in metres: none, or one for each --lat.")
    ] = None,
    confidence: Annotated[
        list[str] | None,
        typer.Option(
            "--confidence", help="Confidence of the radius, between 0 and 1: none, or one for each."
        ),
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option("--csv", help="A file, or - for stdin, of id,latitude,longitude[,radius_m,confidence]."),
    ] = None,
    service: Annotated[str, typer.Option("--service", help="For whom to decide: 112 or 114.")] = "114",
    fuse: Annotated[
        bool, typer.Option("--fuse", help="Fuse several positions instead of taking the best.")
    ] = False,
    hold: Annotated[
        float,
        typer.Option("--hold", min=0, max=60, help="Seconds a 114 call may wait for a better position."),
    ] = 0.0,
    better_fix: Annotated[
        float, typer.Option("--better-fix", min=0, max=1, help="How likely that wait brings one.")
    ] = 0.0,
    atlas: AtlasOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Where is a caller: municipality, police districts with probabilities, and what to do with the call.

    Several positions of one caller are weighed against each other. With --csv each row is its own caller.
    """
    if service not in SERVICES:
        refuse(f"--service: {shortened(service)} is neither 112 nor 114")
    single = (aml, latitude, longitude, radius, confidence)
    if csv is not None:
        if any(single):
            refuse("--csv: takes its positions from the file, so no other position can be given with it")
        _locate_rows(csv, service, json, atlas_in_use(atlas))
        return
    if not any(single):
        refuse("no position given: use --lat and --lon, --aml, or --csv")
    positions, anomalies = _from_aml(aml or ())
    positions += _from_options(latitude or (), longitude or (), radius or (), confidence or ())

    from vagtcentral.location.decision import Costs, weigh_up
    from vagtcentral.location.evidence import best
    from vagtcentral.location.fusion import fuse as fused_of

    used = atlas_in_use(atlas)
    # No clock is read: the newest position is taken to be of now.
    at = max((position.time for position in positions if position.time is not None), default=0)
    evidence = best(positions, at, used.covers) if positions else None
    counted = evidence.position if evidence else None
    parts: list[dict[str, Any]] = []
    if positions:
        fused = fused_of(positions, at)
        parts = [part.as_json() for part in fused.parts]
        counted = fused.position if fuse else counted
    located = used.locate(counted) if counted else None
    choice = weigh_up(located, service, Costs(hold_s=hold, better_fix=better_fix) if hold else None)
    if json:
        more = {**_more(evidence, counted, anomalies), **_explained(choice, counted, parts if fuse else None)}
        print_json({**as_json(located, choice.decision), **more, "data": data_as_json(used)})
    else:
        _print_table(located, choice.decision, evidence, anomalies)
        if fuse:
            _print_parts(parts)


def as_json(located: "Located | None", decision: "Decision") -> dict[str, Any]:
    """Municipality, districts and decision with the field names that the command line promises."""
    municipality = located.municipality if located else None
    return {
        "position": located.position.as_json() if located else None,
        "municipality": None
        if municipality is None
        else {
            "code": municipality.code,
            "name": municipality.name,
            "probability": municipality.probability,
            "distance_m": municipality.distance_m,
        },
        "districts": [
            {
                "code": district.code,
                "name": district.name,
                "probability": district.probability,
                "distance_m": district.distance_m,
            }
            for district in (located.districts if located else ())
        ],
        "decision": decision.as_json(),
    }


def _from_aml(messages: Sequence[str]) -> tuple[list["Position"], list[str]]:
    from vagtcentral.location.aml import Anomaly, decode

    positions, anomalies = [], []
    if sum(message == "-" for message in messages) > 1:
        refuse("--aml: stdin (-) can be read only once")
    for message in messages:
        decoded = decode(read_message(message))
        if Anomaly.NOT_AML in decoded.anomalies:
            refuse(f'--aml: {shortened(decoded.raw)} is no AML message; one begins with A"ML=1; or A"ML=2;')
        anomalies += [anomaly.value for anomaly in decoded.anomalies]
        if decoded.position is not None:
            positions.append(decoded.position)
    return positions, list(dict.fromkeys(anomalies))


def _from_options(
    latitudes: Sequence[str], longitudes: Sequence[str], radii: Sequence[str], confidences: Sequence[str]
) -> list["Position"]:
    count = len(latitudes)
    if len(longitudes) != count:
        refuse(f"--lat and --lon belong together: {count} and {len(longitudes)} given")
    for option, values in (("--radius", radii), ("--confidence", confidences)):
        if values and len(values) != count:
            refuse(f"{option}: {len(values)} given for {count} of --lat and --lon; give none or one for each")
    if confidences and not radii:
        refuse("--confidence: needs --radius, as it says how sure the radius is")
    from vagtcentral.location.written import written_position

    unknown = [""] * count
    names = ("--lat", "--lon", "--radius", "--confidence")
    try:
        return [
            written_position(*texts, names)
            for texts in zip(latitudes, longitudes, radii or unknown, confidences or unknown, strict=True)
        ]
    except ValueError as error:
        refuse(str(error))


def _locate_rows(file: str, service: str, json: bool, atlas: "Atlas") -> None:
    """Locate each row of a CSV file; prints nothing unless every row can be read."""
    import sys
    from contextlib import nullcontext
    from csv import writer
    from io import StringIO

    from vagtcentral.location.decision import decide
    from vagtcentral.location.written import written_rows

    shown = "stdin" if file == "-" else file
    answers: list[tuple[str, str | None, str | None, float | None, float | None, str]] = []
    try:
        with nullcontext(sys.stdin) if file == "-" else open(file, encoding="utf-8-sig", newline="") as lines:
            for name, position in written_rows(lines):
                located = atlas.locate(position)
                action = decide(located, service).action.value
                top, municipality = located.district, located.municipality
                if top is None or municipality is None:
                    answers.append((name, None, None, None, None, action))
                else:
                    likely = round(top.probability, 6), round(top.distance_m, 1)
                    answers.append((name, municipality.code, top.code, *likely, action))
    except (ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        refuse(f"--csv: {shown}: {reason}")
    if json:
        rows = [dict(zip(CSV_COLUMNS, answer, strict=True)) for answer in answers]
        print_json({"rows": rows, "data": data_as_json(atlas)})
        return
    table = StringIO()
    out = writer(table, lineterminator="\n")
    out.writerow(CSV_COLUMNS)
    out.writerows(answers)
    sys.stdout.write(table.getvalue())


def _more(evidence: "Evidence | None", position: "Position | None", anomalies: list[str]) -> dict[str, Any]:
    """What is in the answer besides the promised fields."""
    from vagtcentral.location.uncertainty import conversion, radius_95

    return {
        "radius_95_m": radius_95(position) if position else None,
        "radius_model": conversion(position) if position else None,
        "anomalies": anomalies,
        "disagreements": list(evidence.disagreements) if evidence else [],
    }


def _explained(
    choice: "Choice", position: "Position | None", parts: list[dict[str, Any]] | None
) -> dict[str, Any]:
    """Which evidence and which models the answer rests on, and what the decision was weighed against."""
    from vagtcentral.location.density import density_of
    from vagtcentral.location.fusion import MODEL

    return {
        "explanation": {
            "evidence": "best" if parts is None else MODEL,
            "parts": parts or [],
            "density": density_of(position).value if position else None,
            "expected_cost": choice.expected_cost,
            "hold_s": choice.hold_s,
            "tied": list(choice.tied),
        }
    }


def _print_parts(parts: list[dict[str, Any]]) -> None:
    for part in parts:
        source, weight = part["position"]["source"], part["weight"]
        typer.echo(
            f"evidence: {source} {part['radius_95_m']:.0f} m at 95 %, weight {weight:.2f}: {part['reason']}"
        )


def _print_table(
    located: "Located | None", decision: "Decision", evidence: "Evidence | None", anomalies: list[str]
) -> None:
    from rich.console import Console
    from rich.table import Table

    from vagtcentral.location.decision import percent
    from vagtcentral.location.uncertainty import conversion, radius_95

    console = Console()
    if located is not None:
        position = located.position
        radius = radius_95(position)
        sure = "radius unknown" if radius is None else f"{radius:.0f} m at 95 % ({conversion(position)})"
        console.print(f"{position.latitude:.5f}, {position.longitude:.5f}, {sure}", highlight=False)
        table = Table("code", "police district", "probability", "distance")
        for district in located.districts:
            table.add_row(
                district.code,
                district.name,
                percent(district.probability),
                f"{district.distance_m / 1000:.1f} km",
            )
        if located.municipality is not None:
            likeliest = located.municipality
            table.title = f"{likeliest.name} ({likeliest.code}) with {percent(likeliest.probability)}"
        if not located.data.official:
            table.caption = (
                "Built-in atlas, not the official geometry: borders are some 0.3 km off, at times over 1 km."
            )
        console.print(table)
    console.print(f"{decision.action.value}: {decision.reason}", highlight=False)
    for line in (*(evidence.disagreements if evidence else ()), *anomalies):
        console.print(f"note: {line}", highlight=False)
