"""`vagtcentral menu prompts`: make the audio of a menu before anybody calls."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from vagtcentral.console.output import note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.menus.prompts import Prepared, PromptError, PromptStore

DEFAULT_FOLDER = Path("var/prompts")


def prompts(
    file_or_name: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A menu file, or a shipped menu: 112, 114, 114-before, survey."),
    ],
    folder: Annotated[Path, typer.Option(help="Where the audio files are kept.")] = DEFAULT_FOLDER,
    studio: Annotated[
        Path | None,
        typer.Option(help="A folder with recordings, LANGUAGE/PROMPT.wav, that go before spoken text."),
    ] = None,
    voice: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE=VOICE", help="A voice of espeak-ng, e.g. en=en-us. May repeat."),
    ] = None,
    rate: Annotated[
        int | None, typer.Option(help="How fast to speak, in words a minute: 80 to 300. [default: 150]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Speak every prompt of a menu, in each of its languages, to 8 kHz files for the switch.

    What is there already is left alone. Status 2 where a prompt can have no audio, with a line for each.
    """
    from vagtcentral.console.menu import refuse_menu
    from vagtcentral.menus.load import find_menu, load_menu
    from vagtcentral.menus.problems import MenuError
    from vagtcentral.menus.prompts import RATE, VOICES, PromptError, PromptStore

    path = find_menu(file_or_name)
    try:
        menu = load_menu(path)
        voices = {**VOICES, **_voices(voice or [])}
        store = PromptStore(folder, voices, RATE if rate is None else rate, studio)
        prepared = store.speak_all(menu, None if as_json else _tell)
    except MenuError as error:
        refuse_menu(error)
    except PromptError as error:
        refuse_prompts(error)
    if as_json:
        print_json(_document(str(path), store, prepared))
    else:
        note(f"{path}: {counted(prepared)}, in {store.folder}")


def refuse_prompts(error: "PromptError") -> NoReturn:
    """End with status 2 and a line on stderr for each prompt without audio."""
    *others, last = error.lines
    for line in others:
        note(f"vagtcentral: {line}")
    refuse(last)


def counted(prepared: "list[Prepared]") -> str:
    """What was made and what was there, in numbers: `4 prompts: 3 made, 1 there already; 12.5 s`."""
    made = sum(one.made for one in prepared)
    seconds = sum(one.duration_ms for one in prepared) / 1000
    plural = "" if len(prepared) == 1 else "s"
    return (
        f"{len(prepared)} prompt{plural}: {made} made, {len(prepared) - made} there already; {seconds:.1f} s"
    )


def _voices(options: list[str]) -> dict[str, str]:
    voices = {}
    for option in options:
        language, equals, name = option.partition("=")
        if not (equals and language and name):
            refuse(f"--voice {option!r}: LANGUAGE=VOICE is needed, e.g. --voice da=da")
        voices[language] = name
    return voices


def _tell(one: "Prepared") -> None:
    done = "made" if one.made else "there"
    seconds = f"{one.duration_ms / 1000:.1f} s"
    typer.echo(
        f"{one.spoken.name} ({one.spoken.language}): {done}, {one.origin.value}, {seconds}, {one.path}"
    )


def _document(file: str, store: "PromptStore", prepared: "list[Prepared]") -> dict[str, Any]:
    return {
        "file": file,
        "folder": str(store.folder),
        "made": sum(one.made for one in prepared),
        "there": sum(not one.made for one in prepared),
        "prompts": [
            {
                "name": one.spoken.name,
                "language": one.spoken.language,
                "origin": one.origin.value,
                "made": one.made,
                "duration_ms": one.duration_ms,
                "path": str(one.path),
            }
            for one in prepared
        ],
    }
