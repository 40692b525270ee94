"""`vagtcentral locate`: positions to municipality, district probabilities and decision."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vagtcentral.console.aml import shortened
from vagtcentral.console.districts import AtlasOption, atlas_in_use, data_as_json
from vagtcentral.console.output import note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.console.evidence import Given
    from vagtcentral.location.atlas import Atlas
    from vagtcentral.location.decision import Choice, Costs
    from vagtcentral.location.evidence import Counted
    from vagtcentral.location.fusion import Fused, Part
    from vagtcentral.location.located import Decision, Located
    from vagtcentral.location.position import Position

SERVICES = ("112", "114")
NOT_OFFICIAL = "Built-in atlas, not the official geometry: borders are some 0.3 km off, at times over 1 km."
CSV_COLUMNS = ("id", "municipality", "district", "probability", "distance_m", "action")


def locate(
    aml: Annotated[
        list[str] | None,
        typer.Option("--aml", help="A handset's message in any form, or - for stdin. May repeat."),
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
    cell: Annotated[
        list[str] | None,
        typer.Option("--cell", help="The serving cell, MCC-MNC-AREA-CELL[,TIMING-ADVANCE]. May repeat."),
    ] = None,
    pidf: Annotated[
        list[str] | None, typer.Option("--pidf", help="A file with a PIDF-LO document, or -. May repeat.")
    ] = None,
    mlp: Annotated[
        list[str] | None,
        typer.Option("--mlp", help="A file with a location server's MLP answer, or -. May repeat."),
    ] = None,
    gad: Annotated[
        list[str] | None,
        typer.Option("--gad", help="An area description of 3GPP TS 23.032 in hexadecimal. May repeat."),
    ] = None,
    postcode: Annotated[
        list[str] | None, typer.Option("--postcode", help="A postcode that the caller told. May repeat.")
    ] = None,
    square: Annotated[
        list[str] | None,
        typer.Option("--square", help="A square of the Danish grid that the caller told. May repeat."),
    ] = None,
    rescue: Annotated[
        list[str] | None, typer.Option("--rescue", help="A rescue number that the caller told. May repeat.")
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option("--csv", help="A file, or - for stdin, of id,latitude,longitude[,radius_m,confidence]."),
    ] = None,
    service: Annotated[str, typer.Option("--service", help="For whom to decide: 112 or 114.")] = "114",
    hold: Annotated[
        str | None, typer.Option("--hold", help="Seconds a 114 call may wait for a better position.")
    ] = None,
    better_fix: Annotated[
        str | None, typer.Option("--better-fix", help="How likely that wait brings one, 0 to 1.")
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option("--cost", help="What something costs, NAME=NUMBER as in docs/settings.md. May repeat."),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            envvar="VAGTCENTRAL_RADIUS_MODEL",
            help="What brings radii to 95 %: rayleigh, normal-1d, rfc7459-rectangular, or the default.",
        ),
    ] = "rfc7459-normal-2d",
    cells: Annotated[
        Path | None, typer.Option("--cells", envvar="VAGTCENTRAL_CELLS", help="The file that has the cells.")
    ] = None,
    rescue_numbers: Annotated[
        Path | None,
        typer.Option(
            "--rescue-numbers",
            envvar="VAGTCENTRAL_RESCUE_NUMBERS",
            help="The file that has the rescue numbers.",
        ),
    ] = None,
    atlas: AtlasOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Where is a caller: municipality, police districts with probabilities, and what to do with the call.

    Several pieces of evidence about one caller are fused, and the answer says what each counted for. With
    --csv each row is its own caller.
    """
    if service not in SERVICES:
        refuse(f"--service: {shortened(service)} is neither 112 nor 114")
    costs = _costs(cost or (), hold, better_fix)
    _refuse_unknown(model)
    single = (aml, latitude, longitude, radius, confidence, cell, pidf, mlp, gad, postcode, square, rescue)
    if csv is not None:
        if any(single):
            refuse("--csv: takes its positions from the file, so no other position can be given with it")
        _locate_rows(csv, service, costs, model, json, atlas_in_use(atlas))
        return
    if not any(single):
        refuse("no position given: use --lat and --lon, --aml, --cell, --pidf, or another of --help")

    from vagtcentral.console import evidence
    from vagtcentral.location.cells_index import CellIndex
    from vagtcentral.location.rescue import RescueTable

    evidence.refuse_stdin_twice((("--aml", aml or ()), ("--pidf", pidf or ()), ("--mlp", mlp or ())))
    given = evidence.from_aml(aml or ())
    given += evidence.from_coordinates(latitude or (), longitude or (), radius or (), confidence or ())
    given += evidence.from_pidf(pidf or ())
    given += evidence.from_mlp(mlp or ())
    at = _now(given)
    index = evidence.table_of("--cells", cells, CellIndex.read)
    used = atlas_in_use(atlas)
    table = evidence.table_of("--rescue-numbers", rescue_numbers, RescueTable.read)
    given += evidence.from_gad(gad or (), at)
    given += evidence.from_cells(cell or (), at, index)
    given += evidence.from_postcodes(postcode or (), at)
    given += evidence.from_squares(square or (), at, used)
    given += evidence.from_rescue_numbers(rescue or (), at, table)
    given = [one.by_model(model) for one in given]
    _answer(given, at, service, costs, model, json, used)


def _now(given: Sequence["Given"]) -> int | None:
    """The instant that is taken for now: no clock is read, so that of the newest position or sending."""
    known = [one.sent_at for one in given] + [one.position.time for one in given if one.position]
    return max((time for time in known if time is not None), default=None)


def _refuse_unknown(model: str) -> None:
    from vagtcentral.location.uncertainty import MODELS

    if model not in MODELS:
        refuse(f"--model: {shortened(model)} is none of {', '.join(MODELS)}")


def _costs(written: Sequence[str], hold: str | None, better_fix: str | None) -> "Costs":
    from vagtcentral.location.decision import costs_of

    numbers = {}
    for text in written:
        name, equals, number = text.partition("=")
        if not equals:
            refuse(f"--cost: {shortened(text)} is not NAME=NUMBER, e.g. wrong_district=100")
        numbers[name.strip()] = number.strip()
    options = {"hold_s": "--hold", "better_fix": "--better-fix"}
    given = {
        name: value for name, value in zip(options, (hold, better_fix), strict=True) if value is not None
    }
    try:
        return costs_of(numbers | given)
    except ValueError as error:
        named = next((name for name in given if str(error).startswith(name)), "")
        refuse(f"{options.get(named, '--cost')}: {error}")


def _answer(
    given: Sequence["Given"],
    at: int | None,
    service: str,
    costs: "Costs",
    model: str,
    json: bool,
    atlas: "Atlas",
) -> None:
    """Fuse, locate, decide, and print. A place given alone and without a radius is looked up as a point."""
    from vagtcentral.location.decision import weigh_up
    from vagtcentral.location.evidence import counted, locate_counted
    from vagtcentral.location.fusion import fuse, looked_up
    from vagtcentral.location.same_fix import distinct

    positions = distinct([one.position for one in given if one.position is not None])
    fused = fuse(positions, at, atlas.covers) if positions else None
    known = counted(fused.position, at, model) if fused else None
    located: Located | None = None
    try:
        if fused and len(given) == 1 and given[0].is_place:
            located, fused, known = atlas.locate(fused.position), looked_up(fused.position), None
        elif fused:
            located = locate_counted(atlas, fused.position, at)
    except ValueError as error:
        refuse(f"{', '.join(one.option for one in given)}: {error}")
    choice = weigh_up(located, service, costs)
    anomalies = list(dict.fromkeys(odd for one in given for odd in one.anomalies))
    if json:
        explanation = _explained(given, fused, choice, model)
        more = {**_more(fused, known, anomalies), "explanation": explanation}
        print_json({**as_json(located, choice.decision), **more, "data": data_as_json(atlas)})
    else:
        _print_table(located, known, choice.decision)
        _print_evidence(given, fused, anomalies, model)


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


def _locate_rows(file: str, service: str, costs: "Costs", model: str, json: bool, atlas: "Atlas") -> None:
    """Locate each row of a CSV file; prints nothing unless every row can be read."""
    import sys
    from contextlib import nullcontext
    from csv import writer
    from io import StringIO, TextIOWrapper

    from vagtcentral.location.by_model import at_95
    from vagtcentral.location.decision import decide
    from vagtcentral.location.evidence import locate_counted
    from vagtcentral.location.uncertainty import RFC_7459_NORMAL_2D
    from vagtcentral.location.written import written_rows

    shown = "stdin" if file == "-" else file
    answers: list[tuple[str, str | None, str | None, float | None, float | None, str]] = []
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb") as octets:
            lines = TextIOWrapper(octets, "utf-8-sig", errors="surrogateescape", newline="")
            for name, position in written_rows(lines):
                if model != RFC_7459_NORMAL_2D:
                    position = at_95(position, model)
                if position.radius_m is None:
                    located = atlas.locate(position)
                else:
                    located = locate_counted(atlas, position, None)
                action = decide(located, service, costs).action.value
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
        print_json({"rows": rows, "data": data_as_json(atlas), "radius_model": model})
        return
    table = StringIO()
    out = writer(table, lineterminator="\n")
    out.writerow(CSV_COLUMNS)
    out.writerows(answers)
    sys.stdout.write(table.getvalue())
    if not atlas.data.official:
        data = atlas.data
        note(f"Not the official geometry: {data.name}, {data.date}, sha256 {data.sha256}.")


def _more(fused: "Fused | None", known: "Counted | None", anomalies: list[str]) -> dict[str, Any]:
    """What is in the answer besides the promised fields."""
    from vagtcentral.location.uncertainty import NO_RADIUS

    return {
        "radius_95_m": known.radius_95_m if known else None,
        "radius_model": known.radius_model if known else NO_RADIUS if fused else None,
        "age_s": known.age_s if known else None,
        "anomalies": anomalies,
        "disagreements": list(fused.disagreements) if fused else [],
    }


def _explained(
    given: Sequence["Given"], fused: "Fused | None", choice: "Choice", model: str
) -> dict[str, Any]:
    """Which evidence and which models the answer rests on, and what the decision was weighed against."""
    from vagtcentral.location.density import density_of
    from vagtcentral.location.fusion import MODEL
    from vagtcentral.location.uncertainty import distribution_of, share_inside

    return {
        "evidence": MODEL,
        "parts": [one.explained(_part_of(one.position, fused), model) for one in given],
        "density": density_of(fused.position).value if fused else None,
        "distribution": distribution_of(fused.position).value if fused else None,
        "share_inside": share_inside(fused.position) if fused else None,
        "expected_cost": choice.expected_cost,
        "hold_s": choice.hold_s,
        "tied": list(choice.tied),
    }


def _part_of(position: "Position | None", fused: "Fused | None") -> "Part | None":
    return next((part for part in fused.parts if part.position is position), None) if fused else None


def _print_evidence(
    given: Sequence["Given"], fused: "Fused | None", anomalies: list[str], model: str
) -> None:
    """What each piece of evidence counted for, and what is odd about it."""
    for one in given:
        part = _part_of(one.position, fused)
        counted = str(part) if part is not None else one.explained(None, model)["reason"]
        typer.echo(f"evidence: {one.option}: {counted}" + (f" ({one.note})" if one.note else ""))
    for line in anomalies:
        typer.echo(f"note: {line}")


def _print_table(located: "Located | None", known: "Counted | None", decision: "Decision") -> None:
    from rich.console import Console
    from rich.table import Table

    from vagtcentral.location.decision import percent

    console = Console()
    if located is not None:
        position = located.position
        sure = "radius unknown, looked up as a point"
        if known is not None:
            sure = f"{known.radius_95_m:.0f} m ({known.radius_model})"
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
            table.caption = NOT_OFFICIAL
        console.print(table)
    console.print(f"{decision.action.value}: {decision.reason}", highlight=False)
