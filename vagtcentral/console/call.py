"""`vagtcentral call`: one scripted call, through the simulated switch or a real one."""

import asyncio
from signal import SIGINT, SIGTERM
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vagtcentral.console.output import ANSWER_IS_NO, note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.console.aml_post import Posted
    from vagtcentral.console.settings import Settings
    from vagtcentral.ivr.asterisk.caller import Placed
    from vagtcentral.ivr.plan import CallPlan
    from vagtcentral.sim.script import LocationMessage, Script

app = typer.Typer(help="Place calls.", no_args_is_help=True)


@app.callback()
def call() -> None:
    """Place calls."""  # with a callback, `place` stays a name of its own


@app.command()
def place(
    script: Annotated[
        str, typer.Argument(metavar="SCRIPT", help="A recorded call's name, or a script file (.yaml).")
    ],
    carrier: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Through sim or asterisk; default: the setting."),
    ] = None,
    sip_address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where the switch takes SIP; default: the setting."),
    ] = None,
    aml: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Post the script's location messages there, e.g. to /aml of `serve`."
        ),
    ] = None,
    patience: Annotated[
        float,
        typer.Option(
            min=0, max=3600, help="Seconds that he waits to be hung up on, beyond the script's time for it."
        ),
    ] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Place one scripted call. Through asterisk it is a real one, with sound and keys in RTP.

    Status 0 if it was answered and ran to its end, 1 if not: busy, hung up on too early or never, broken off.
    """
    import os

    from vagtcentral.console.settings import SettingsError, load_settings, variable
    from vagtcentral.menus.problems import MenuError
    from vagtcentral.menus.prompts import PromptError
    from vagtcentral.sim.script import ScriptError, find_script

    for name, given in (("carrier", carrier), ("sip_address", sip_address)):
        if given is not None:
            os.environ[variable(name)] = given
    if aml is not None and not aml.startswith(("http://", "https://")):
        refuse(f"--aml {aml!r}: an address such as http://127.0.0.1:8114/aml")
    try:
        settings = load_settings()
        scripted = find_script(script)
        if settings.carrier == "asterisk":
            _through_asterisk(scripted, settings, aml, patience, as_json)
        else:
            _through_sim(script, aml, as_json)
    except ScriptError as error:
        refuse(str(error))
    except (SettingsError, PromptError) as error:
        *others, last = error.lines
        for line in others:
            note(f"vagtcentral: {line}")
        refuse(last)
    except MenuError as error:
        from vagtcentral.console.menu import refuse_menu

        refuse_menu(error)


def _through_sim(script: str, aml: str | None, as_json: bool) -> None:
    from vagtcentral.console.demo import demo

    if aml is not None:
        refuse("--aml: only with --carrier asterisk; the simulated switch gives a call its messages itself")
    demo(as_json=as_json, exit_=True, store=None, only=[script], speed=None)


# --- a real switch ----------------------------------------------------------------------------


def _through_asterisk(
    script: "Script", settings: "Settings", aml: str | None, patience_s: float, as_json: bool
) -> None:
    from vagtcentral.console.settings import variable
    from vagtcentral.ivr.asterisk.ari_errors import AriError

    messages = [] if aml is None else list(script.location)
    if aml is None and script.location:
        note(f"{script.name}: {len(script.location)} location messages are not sent: they go to --aml")
    plan = _rehearsed(script, settings, tuple(messages))
    try:
        placed, posted = asyncio.run(_place(script, plan, settings, aml or "", messages, patience_s))
    except asyncio.CancelledError:
        note(f"{script.name}: broken off by a signal; the caller has hung up")
        raise SystemExit(ANSWER_IS_NO) from None
    except TimeoutError:
        refuse(f"{variable('ari_url')}: {settings.ari_url}: no answer from the switch")
    except AriError as error:
        refuse(f"{variable('ari_url')}: {settings.ari_url}: {error}")
    if as_json:
        print_json(_document(script, plan, placed, posted))
    else:
        typer.echo(_line(script, plan, placed))
    for message in posted:
        if not message.delivered:
            said = f"not delivered: {message.problem}"
            note(f"{script.name}: location message after {message.after_s:g} s: {said}")
    if not placed.completed or not all(message.delivered for message in posted):
        raise SystemExit(ANSWER_IS_NO)


def _rehearsed(script: "Script", settings: "Settings", messages: "tuple[LocationMessage, ...]") -> "CallPlan":
    """When he does what, on the menus of the live system and with its prompts."""
    from vagtcentral.console.live import live_prompts
    from vagtcentral.console.live_setting import live_setting
    from vagtcentral.sim.rehearsal import rehearse

    setting = live_setting(settings)
    menu = setting.menus[script.service]
    if script.menu not in (menu.name, script.service):
        note(f"{script.name}: made for menu {script.menu}; {script.service} has menu {menu.name} here")
    prompts = live_prompts(settings, setting.menus)
    live = script.model_copy(update={"menu": script.service, "location": messages})
    return rehearse(live, setting, prompts.duration_ms)


async def _place(
    script: "Script",
    plan: "CallPlan",
    settings: "Settings",
    aml: str,
    messages: "list[LocationMessage]",
    patience_s: float,
) -> "tuple[Placed, list[Posted]]":
    """Call, and send the location messages meanwhile or after. A signal has the caller hang up."""
    from vagtcentral.console.aml_post import post_messages
    from vagtcentral.console.settings import ari_password
    from vagtcentral.ivr.asterisk.caller import place_call
    from vagtcentral.ivr.clock import WallClock

    _cancel_at_signals()
    shift_ms = WallClock().now() - script.start
    told = [(message.after_s, *message.later(shift_ms).told) for message in messages]
    sent = [(after_s, "text" if name == "aml" else name, content) for after_s, name, content in told]
    token = settings.aml_gateway_token
    secret = None if token is None else token.get_secret_value()
    address, user, password = settings.ari_url, settings.ari_user, ari_password(settings)
    sending = asyncio.create_task(post_messages(aml, secret, plan.number, sent))
    try:
        placed = await place_call(
            address, user, password, plan, settings.sip_address, patience_s, settings.trunk
        )
        return placed, await sending
    finally:
        sending.cancel()


def _cancel_at_signals() -> None:
    """Let SIGTERM end the running task as SIGINT does, but once: another would cut off the hanging up."""
    running, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert running is not None

    def end() -> None:
        if not running.cancelling():
            running.cancel()

    for signal in (SIGINT, SIGTERM):
        loop.add_signal_handler(signal, end)


def _document(script: "Script", plan: "CallPlan", placed: "Placed", posted: "list[Posted]") -> dict[str, Any]:
    return {
        "script": script.name,
        "service": plan.service,
        "caller": plan.number,
        "planned_keys": "".join(key for _, key in plan.keys),
        "keys": placed.keys,
        "end": placed.end.value,
        "completed": placed.completed,
        "seconds": round(placed.seconds, 1),
        "cause": placed.cause or None,
        "messages": [{"after_s": one.after_s, "status": one.status, "id": one.id} for one in posted],
    }


def _line(script: "Script", plan: "CallPlan", placed: "Placed") -> str:
    keys = f"pressed {' '.join(placed.keys)}" if placed.keys else "pressed nothing"
    why = f" ({placed.cause})" if placed.cause else ""
    end = placed.end.value.replace("_", " ")
    outcome = "completed" if placed.completed else "not completed"
    return f"{script.name}: called {plan.service}, {keys}, {end} after {placed.seconds:.1f} s{why}: {outcome}"
