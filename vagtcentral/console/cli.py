"""The command line. Each command imports what it needs when it runs, so that help answers at once."""

import typer

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

app = typer.Typer(
    name="vagtcentral",
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
