"""The command line. Each command imports what it needs when it runs, so that help answers at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from vagtcentral.console import (
    aml,
    asterisk,
    call,
    db,
    demo,
    districts,
    locate,
    menu,
    prompts,
    replay,
    serve,
    user,
)
from vagtcentral.console.output import refuse

# What typer raises for wrong usage: click's, or that of its own copy of click, which has no public name.
_UsageError: type[Any] = typer.BadParameter.__bases__[0]


class PlainGroup(TyperGroup):
    """Commands whose usage errors are one line on stderr, as for all bad input, and not a box of several."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Read what comes before the name of the command."""
        with _usage_errors_in_one_line():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: Any) -> Any:
        """Read the command's own options, and those of commands below it, and run it."""
        with _usage_errors_in_one_line():
            return super().invoke(ctx)


@contextmanager
def _usage_errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except _UsageError as error:
        message = " ".join(error.format_message().split()).rstrip(".")
        if not message:  # nothing was given at all, and help has been shown
            raise
        refuse(f"{message}; see {error.ctx.command_path} --help" if error.ctx else message)


app = typer.Typer(
    name="vagtcentral",
    cls=PlainGroup,
    help="Answers and simulates the Danish emergency and police numbers 112 and 114.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("replay")(replay.replay)
app.command("locate")(locate.locate)
app.add_typer(aml.app, name="aml")
menu.app.command("prompts")(prompts.prompts)
app.add_typer(menu.app, name="menu")
app.add_typer(asterisk.app, name="asterisk")
app.add_typer(call.app, name="call")
app.add_typer(districts.app, name="districts")
app.add_typer(db.app, name="db")
app.add_typer(user.app, name="user")


def main() -> None:
    """Run the command line."""
    app()
