"""`vagtcentral districts`: the geometry in use, official files in its place, how often answers are true."""

from datetime import date as calendar_date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vagtcentral.console.output import ANSWER_IS_NO, note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.location.atlas import Atlas

app = typer.Typer(help="The geometry of municipalities and police districts.", no_args_is_help=True)

#: The setting that names the atlas file to use; empty or unset means the built-in atlas.
ATLAS_SETTING = "VAGTCENTRAL_ATLAS"
AtlasOption = Annotated[
    str | None,
    typer.Option("--atlas", envvar=ATLAS_SETTING, help="An atlas file that `districts import` wrote."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
FilesArgument = Annotated[list[Path], typer.Argument(help="GeoJSON of municipalities or police districts.")]


@app.command("info")
def info(atlas: AtlasOption = None, json: JsonOption = False) -> None:
    """Which geometry is in use: its name, date, hash, and how much of it there is."""
    used = atlas_in_use(atlas)
    document = {
        **data_as_json(used),
        "municipalities": len(used.codes),
        "districts": len({used.district_of(code) for code in used.codes}),
    }
    if json:
        print_json(document)
    else:
        for name, value in document.items():
            typer.echo(f"{name}: {value}")


@app.command("import")
def import_files(
    files: FilesArgument,
    out: Annotated[Path, typer.Option("--out", help="The atlas file to write.")],
    name: Annotated[str, typer.Option("--name", help="What the data is, e.g. 'DAGI 1:500 000'.")] = "",
    date: Annotated[str, typer.Option("--date", help="Its date, e.g. 2014-02-13.")] = "",
    official: Annotated[bool, typer.Option("--official", help="It is the official geometry.")] = False,
    json: JsonOption = False,
) -> None:
    """Make an atlas file of official GeoJSON files; use it with --atlas or in VAGTCENTRAL_ATLAS.

    Give municipalities, police districts, or a file of each. What is odd about them is told.
    """
    from vagtcentral.location.atlas_file import write_atlas

    if date:
        try:
            calendar_date.fromisoformat(date)
        except ValueError:
            refuse(f"--date: {date[:40]!r} is no date, e.g. 2014-02-13")
    made = _imported(files, name or ", ".join(file.name for file in files), date, official)
    try:
        write_atlas(made.atlas, out)
    except OSError as error:
        refuse(f"--out: {out}: {error.strerror}")
    data = made.atlas.data
    if json:
        written = {"name": data.name, "official": data.official, "date": data.date, "sha256": data.sha256}
        told = {"notes": list(made.notes), "remarks": list(made.remarks)}
        print_json({"out": str(out), "data": written, **told})
        return
    for line in (*made.remarks, *made.notes):
        note(f"note: {line}")
    typer.echo(f"{len(made.atlas.codes)} municipalities written to {out}")


@app.command("check")
def check(files: FilesArgument, json: JsonOption = False) -> None:
    """Check official GeoJSON files without writing anything; status 1 if anything about them is odd."""
    made = _imported(files, "checked", "", False)
    if json:
        told = {"notes": list(made.notes), "remarks": list(made.remarks)}
        print_json({"files": [str(file) for file in files], **told})
    else:
        for line in made.remarks:
            note(f"note: {line}")
        for line in made.notes or ("nothing odd",):
            typer.echo(line)
    if made.notes:
        raise SystemExit(ANSWER_IS_NO)


@app.command("compare")
def compare(
    file: Annotated[Path, typer.Argument(help="GeoJSON whose polygons are taken to be right.")],
    points: Annotated[int, typer.Option("--points", min=1, help="Random positions of each kind.")] = 200_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same positions.")] = 114,
    atlas: AtlasOption = None,
    json: JsonOption = False,
) -> None:
    """How often the atlas in use is right for random positions inside the polygons of an official file.

    By area (evenly over the land) and by population (around towns, as many as people live there).
    """
    from vagtcentral.location.districts_compare import compared
    from vagtcentral.location.districts_import import read_layer

    used = atlas_in_use(atlas)
    try:
        layer = read_layer(file.name, file.read_bytes(), used.territory)
    except OSError as error:
        refuse(f"{file}: {error.strerror}")
    except ValueError as error:
        refuse(str(error))
    result = compared(used, layer, points, seed)
    if json:
        print_json({**result.as_json(), "seed": seed, "file": dict(layer.source), "data": data_as_json(used)})
        return
    for kind, share in (("area", result.area), ("population", result.population)):
        towns = "" if share.municipality is None else f"{share.municipality:.2%} in the right municipality, "
        typer.echo(
            f"by {kind}, {share.points:,} positions: {towns}{share.district:.2%} in the right district"
        )


@app.command("calibrate")
def calibrate(
    calls: Annotated[int, typer.Option("--calls", min=1, help="Simulated callers for each kind.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same callers.")] = 114,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            help="What brings radii to 95 %: rayleigh, normal-1d, rfc7459-rectangular, or the default.",
        ),
    ] = "rfc7459-normal-2d",
    plot: Annotated[Path | None, typer.Option("--plot", help="Write the reliability curves as SVG.")] = None,
    atlas: AtlasOption = None,
    json: JsonOption = False,
) -> None:
    """How often the stated 95 % area holds a simulated caller, and a stated probability comes true."""
    from vagtcentral.location.calibration import calibrate as measured
    from vagtcentral.location.uncertainty import MODELS

    if model not in MODELS:
        refuse(f"--model: {model[:40]!r} is none of {', '.join(MODELS)}")
    if plot is not None and find_spec("matplotlib") is None:
        refuse("--plot: needs matplotlib; install vagtcentral[report]")
    results = measured(atlas_in_use(atlas), calls, seed, model)
    if plot is not None:
        from vagtcentral.location.calibration_plot import draw

        try:
            draw(results, plot)
        except OSError as error:
            refuse(f"--plot: {plot}: {error.strerror}")
    if json:
        shown = {"calls": calls, "seed": seed, "model": model}
        print_json({**shown, "results": [one.as_json() for one in results]})
        return
    for one in results:
        typer.echo(f"{one.errors}, answered as {one.density}, radius by {one.model}:")
        typer.echo(f"  95 % area holds {one.coverage_95:.1%} of callers, Brier score {one.brier:.4f}")
        for part in one.bins:
            typer.echo(f"  stated {part.stated:.3f}, came true {part.came_true:.3f} ({part.count:,})")


def atlas_in_use(file: str | None) -> "Atlas":
    """The atlas in a file, or the built-in one without; ends with status 2 if the file is none."""
    from vagtcentral.location.atlas import Atlas

    if not file:
        return Atlas.built_in()
    try:
        return Atlas.load(file)
    except (ValueError, OSError) as error:
        refuse(f"--atlas: {file}: {_reason(error)}")


def data_as_json(atlas: "Atlas") -> dict[str, Any]:
    """Which data an atlas is made of, with the field names that the command line promises."""
    data = atlas.data
    return {"name": data.name, "official": data.official, "date": data.date, "sha256": data.sha256}


def _imported(files: list[Path], name: str, date: str, official: bool) -> Any:
    from vagtcentral.location.districts_import import imported

    contents = []
    for file in files:
        try:
            contents.append((file.name, file.read_bytes()))
        except OSError as error:
            refuse(f"{file}: {error.strerror}")
    try:
        return imported(contents, name, date, official)
    except ValueError as error:
        refuse(str(error))


def _reason(error: ValueError | OSError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
