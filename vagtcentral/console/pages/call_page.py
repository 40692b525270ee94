"""The page of one call: what is known of it, from the journal and from nowhere else."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from nicegui import ui

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import log_look
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.problem import ProblemError
from vagtcentral.console.floor import Fix
from vagtcentral.console.pages.call_path import draw_path
from vagtcentral.console.pages.call_replay import ReplayCheck, check_replay
from vagtcentral.console.pages.call_story import (
    Moment,
    Storyteller,
    asked_to_record,
    fixes_of,
    path_of,
    registered_of,
)
from vagtcentral.console.pages.format import clock_time, date_time, duration, number, oddity, percent
from vagtcentral.console.pages.map_view import MapView
from vagtcentral.console.pages.parts import facts, panel, table, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.pages.wallboard import STYLE
from vagtcentral.console.recordings import recording_file
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.events import Registered
from vagtcentral.ivr.journal import Turn


@page("/calls/{call_id}", Permission.LOOK_UP_CALLS, title="nav_calls", in_navigation=False)
async def call(visit: Visit, call_id: str) -> None:
    """One call, live or over. It is shown only once it is logged who looks at it."""
    say = visit.say
    ui.add_css(STYLE)
    try:
        turns = await visit.live.store.read_turns(call_id)
    except JournalError as error:
        _refuse(say("call_damaged", why=error))
        return
    if not turns:
        _refuse(say("call_unknown", call=call_id))
        return
    positions = visit.person.may(Permission.SEE_POSITIONS)
    try:
        await log_look(visit.request, Deed.LOOKED_AT_CALL, call_id)
        if positions and any(fix.located is not None for fix in fixes_of(turns)):
            await log_look(visit.request, Deed.LOOKED_AT_POSITION, call_id)
    except ProblemError:
        _refuse(say("look_not_logged"))
        return
    CallPage(visit, turns, positions=positions).draw()


def _refuse(words: str) -> None:
    text("p", words, "refused").props("role=alert")


class CallPage:
    """The sections of the page. Scores have their place between the facts and the timeline."""

    def __init__(self, visit: Visit, turns: Sequence[Turn], *, positions: bool) -> None:
        self._visit = visit
        self._say = visit.say
        self._turns = turns
        self._positions = positions
        self._record = CallRecord.fold(turns[0].call_id, turns).until(visit.live.clock.now())
        districts = {row.code: row.name for row in visit.live.setting.atlas.territory.districts.values()}
        self._teller = Storyteller(visit.say, districts, positions=positions)

    def draw(self) -> None:
        """Draw everything."""
        say, record = self._say, self._record
        title = say("call_of", service=record.service or "?", time=date_time(record.arrived_at))
        ui.link(say("back_to_calls"), "/calls")
        text("h2", title)
        if record.ended_at is None:
            text("p", say("call_goes_on"), "notice").props("role=status")
        with ui.element("div").classes("call-page"):
            with ui.element("div").classes("column-stack"):
                self._draw_facts()
                self._draw_registration()
                self._draw_recordings()
                self._draw_replay(check_replay(self._turns, self._visit.live.setting))
            with ui.element("div").classes("column-stack"):
                self._draw_positions(fixes_of(self._turns))
            with ui.element("div").classes("across"):
                draw_path(self._visit, self._record, path_of(self._turns))
            with ui.element("div").classes("across"):
                self._draw_story(self._teller.story(self._turns))

    # ------------------------------------------------------------------------------------------

    def _draw_facts(self) -> None:
        say, record, word = self._say, self._record, self._teller.word
        skill = (record.destination or "").removeprefix("112/")
        sent = "–" if not skill else ("112: " if record.destination != skill else "") + word("skill", skill)
        outcome = say("outcome_live") if record.outcome is None else word("outcome", record.outcome)
        with panel(say("call_facts")):
            facts(
                {
                    say("col_outcome"): outcome,
                    say("caller"): number(record.caller, say),
                    say("col_operator"): " → ".join(record.operators) or "–",
                    say("keyed"): record.keys or say("nothing_keyed"),
                    say("destination"): sent,
                    say("waited"): duration(1000 * record.waited_s),
                    say("talked"): duration(1000 * record.talked_s),
                    say("language"): word("language", record.language) if record.language else "–",
                    say("transfers"): self._transfers(),
                    say("wrongly_routed"): say("yes" if record.wrongly_routed else "no"),
                    say("failures"): " · ".join(record.failures) or say("no_failures"),
                    say("survey"): self._survey(),
                    say("call_id"): record.call_id,
                }
            )

    def _transfers(self) -> str:
        say, record = self._say, self._record
        if not record.transfers:
            return "0"
        reasons = [
            self._teller.word("transfer", reason) if reason else say("no_reason")
            for reason in record.transfer_reasons
        ]
        told = say("transfers_of", count=record.transfers, reasons=", ".join(reasons))
        return f"{told}; {say('transfers_unnecessary', count=record.unnecessary_transfers)}"

    def _survey(self) -> str:
        answers = [f"{name}: {value}" for name, value in self._record.answers.items()]
        return " · ".join(answers) or self._say("no_survey")

    def _draw_registration(self) -> None:
        say, note, registered = self._say, self._record.note, registered_of(self._turns)
        with panel(say("registration")):
            for said in registered:
                facts(self._registered(said))
            if note:
                facts({say("note"): note})
            if not registered and not note:
                text("p", say("not_registered"), "soft")

    def _registered(self, said: Registered) -> dict[str, str]:
        say, word = self._say, self._teller.word
        fields = {word("reg", name): value for name, value in said.fields}
        what = {say("reg_code"): word("code", said.code), **fields, say("reg_text"): said.text or "–"}
        return {say("col_operator"): said.operator, **what}

    def _draw_recordings(self) -> None:
        say, record = self._say, self._record
        with panel(say("recordings")):
            if not record.recordings:
                awaited = asked_to_record(self._turns)
                text("p", say("recordings_awaited" if awaited else "no_recordings"), "soft")
            elif not self._visit.person.may(Permission.LISTEN_TO_RECORDINGS):
                text("p", say("recordings_hidden"), "soft")
            else:
                for recording in record.recordings:
                    self._draw_recording(recording)

    def _draw_recording(self, recording: dict[str, Any]) -> None:
        say, name = self._say, recording["name"]
        if recording_file(self._visit.services.settings.recordings, recording) is None:
            text("p", say("recording_missing", name=name), "notice")
            return
        told = say("recording_named", name=name, length=duration(1000 * recording["seconds"]))
        text("p", told)
        # Nothing is fetched, and so nothing logged as listened to, before somebody plays it.
        address = f"/api/calls/{quote(self._record.call_id, safe='')}/recordings/{quote(name, safe='')}"
        player = ui.element("audio").props("controls preload=none")
        player.props["src"], player.props["aria-label"] = address, told

    def _draw_replay(self, check: ReplayCheck) -> None:
        say = self._say
        with panel(say("replay_check")):
            if check.steps == 0:
                text("p", say("replays_not"), "notice")
            elif check.differs_at is None:
                text("p", say("replays_same", steps=check.steps))
            else:
                text("p", say("replays_otherwise", step=check.differs_at), "notice")
            if check.changed:
                what = ", ".join(say(f"changed_{one}") for one in check.changed)
                text("p", say("replays_changed", what=what), "soft")

    def _draw_positions(self, fixes: Sequence[Fix]) -> None:
        say, known = self._say, [fix for fix in fixes if fix.located is not None]
        with panel(say("positions")):
            if not self._positions:
                text("p", say("positions_hidden"), "soft")
                return
            shown = MapView(self._visit.live.setting.atlas, dark=self._visit.dark, label=say("on_map"))
            shown.shade({one["code"]: one["probability"] for one in self._record.districts})
            shown.show(fixes)
            if not known:
                text("p", say("found_nowhere"), "soft")
                return
            text("p", say("fixes"), "soft")
            headings = ("fix_time", "fix_place", "fix_source", "fix_district")
            table([say(one) for one in headings], [self._fix(fix) for fix in known], name=say("fixes"))
            if self._record.anomalies:
                facts({say("oddities"): "; ".join(oddity(one, say) for one in self._record.anomalies)})

    def _fix(self, fix: Fix) -> list[str]:
        assert fix.located is not None
        position, likely = fix.located.position, fix.located.district
        sure = "" if position.confidence is None else f" · {percent(position.confidence)}"
        return [
            clock_time(fix.at),
            self._teller.place(position) + sure,
            self._teller.word("source", position.source.value),
            self._say("unknown") if likely is None else f"{likely.name} {percent(likely.probability)}",
        ]

    def _draw_story(self, moments: Sequence[Moment]) -> None:
        with panel(self._say("story")), ui.element("ol").classes("story"):
            for moment in moments:
                with ui.element("li"):
                    text("time", clock_time(moment.at))
                    text("span", moment.what, "state")
                    if moment.did:
                        with ui.element("ul").classes("did"):
                            for deed in moment.did:
                                text("li", deed)
