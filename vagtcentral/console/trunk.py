"""Where calls come from: a carrier with its connection, and the hands of operators who work at a desk."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from vagtcentral.console.settings import Settings, ari_password
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.asterisk.ari_settings import Transport
from vagtcentral.ivr.asterisk.carrier import AsteriskCarrier, AsteriskPlan
from vagtcentral.ivr.asterisk.prompt_probe import unreadable
from vagtcentral.ivr.carrier import Arrived, Carrier, Report
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.journal import Turn
from vagtcentral.menus.prompts import PromptError, PromptStore

#: So much longer than the call machine lets a phone ring would the switch ring it by itself, in seconds.
RING_MARGIN_S = 30


class Trunk(Protocol):
    """A carrier that the live system can start, leave and pick calls up from."""

    @property
    def carrier(self) -> Carrier:
        """What carries out the calls' commands."""
        ...

    @property
    def connected(self) -> bool:
        """Whether calls can be taken now."""
        ...

    @property
    def rings_in_page(self) -> bool:
        """Whether an offered call can be taken at the page alone; else a telephone rings beside it."""
        ...

    def restore(self, turns: Sequence[Turn]) -> None:
        """Take up a call that was live when the program ended, given its journal so far."""
        ...

    async def start(self) -> None:
        """Connect, and settle the calls that were live; raises what makes that impossible for good."""
        ...

    async def until_ended(self) -> None:
        """Return when the connection has ended for good."""
        ...

    async def close(self) -> None:
        """Disconnect. Live calls are left where they are."""
        ...

    def pick_up(self, call_id: str, operator: str) -> bool:
        """The operator takes the offered call at the desk; False where he must take his telephone."""
        ...

    def put_down(self, call_id: str, operator: str) -> None:
        """The operator's end of the call ends: he declines it while it rings, or hangs up."""
        ...


def asterisk_plan(settings: Settings, prompts: PromptStore, endpoints: Mapping[str, str]) -> AsteriskPlan:
    """How the switch is used by these settings; `endpoints` are the operators' phones."""
    return AsteriskPlan(
        media=prompts.media,
        endpoints=endpoints,
        call_back=lambda number: f"PJSIP/{number}@{settings.trunk}",
        caller_id=settings.caller_id,
        recordings=str(settings.recordings),
        ring_s=settings.ring_s + RING_MARGIN_S,
    )


class AsteriskTrunk:
    """Calls from a real Asterisk; operators have telephones of their own, which the switch rings."""

    def __init__(
        self,
        settings: Settings,
        prompts: PromptStore,
        endpoints: Mapping[str, str],
        clock: Clock,
        report: Report,
        arrived: Arrived,
        resume: Callable[[], None],
        is_over: Callable[[str], Awaitable[bool]],
        at_work: Callable[[bool], None],
    ) -> None:
        """`resume` lets the restored calls go on; `is_over` says whether a call has a closed record.

        `at_work` is told when the switch is lost, and when it is back and all calls are settled.
        """
        plan = asterisk_plan(settings, prompts, endpoints)
        self._carrier = AsteriskCarrier(plan, clock, report, arrived)
        self._resume = resume
        self._is_over = is_over
        self._settings = settings
        self._prompts = prompts
        self._at_work = at_work
        self.client = AriClient(
            settings.ari_url,
            settings.ari_user,
            ari_password(settings),
            settings.ari_app,
            on_event=self._carrier.on_event,
            on_resync=self._resynchronised,
            on_lost=lambda lost: at_work(False),
            asked=self._carrier.asked,
            now=clock.now,
            transport=Transport(settings.ari_transport),
        )
        self._carrier.attach(self.client)

    @property
    def carrier(self) -> Carrier:
        """What carries out the calls' commands."""
        return self._carrier

    @property
    def connected(self) -> bool:
        """Whether the switch is there and all calls are settled."""
        return self.client.connected

    @property
    def rings_in_page(self) -> bool:
        """False: each operator has a telephone."""
        return False

    def restore(self, turns: Sequence[Turn]) -> None:
        """Take up a call that was live when the program ended, given its journal so far."""
        self._carrier.restore(list(turns))

    async def start(self) -> None:
        """Connect, and settle the calls that were live.

        `Refused` if the switch does not let us in, `PromptError` if it cannot read the prompts.
        """
        if not self._carrier.lines:  # callers who are on the line have heard them, and must not wait
            await self._require_prompts()
        await self.client.start()

    async def _require_prompts(self) -> None:
        """Refuse to take calls in which nobody would hear anything."""
        url, user, folder = self._settings.ari_url, self._settings.ari_user, self._prompts.folder
        file = await unreadable(url, user, ari_password(self._settings), folder)
        if file is not None:
            wanted = f"name the folder to `vagtcentral asterisk config` (--prompts {folder})"
            raise PromptError([f"{file}: the switch cannot play it, though it is there; {wanted}"])

    async def until_ended(self) -> None:
        """Return when closed; raises `Refused` or `Replaced` when the switch does not want us any more."""
        await self.client.until_ended()

    async def close(self) -> None:
        """Disconnect. Channels stay on the switch."""
        await self.client.close()
        await self._carrier.close()

    def pick_up(self, call_id: str, operator: str) -> bool:
        """False: who is rung takes his telephone."""
        return False

    def put_down(self, call_id: str, operator: str) -> None:
        """Hang up the operator's telephone."""
        self._carrier.put_down(call_id, operator)

    async def _resynchronised(self, found: Resynchronised) -> None:
        """After each connection: first the calls of the journal are resumed, then all are settled."""
        self._resume()
        try:
            await self._carrier.settle(found, self._is_over)
        finally:  # whatever fails here, who has called is offered to the operators
            self._at_work(True)
