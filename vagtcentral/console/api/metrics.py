"""`GET /metrics`: the state of the running system for Prometheus; no number and no position is in it."""

from collections.abc import Iterator

from fastapi import APIRouter, Depends, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from vagtcentral.console.accounts.guard import REFUSALS, require
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.floor import Doing
from vagtcentral.console.live import LiveSystem
from vagtcentral.ivr.commands import CloseRecord
from vagtcentral.ivr.events import CallArrived, CarrierGap, CommandFailed, LocationReceived
from vagtcentral.ivr.journal import Turn

SERVICES = ("112", "114")


class Metrics:
    """Counts what goes by, and looks at the floor when it is asked."""

    def __init__(self, live: LiveSystem) -> None:
        self._live = live
        self._arrived = dict.fromkeys(SERVICES, 0)
        self._closed: dict[str, int] = {}
        self._happened = {"location_messages": 0, "carrier_gaps": 0, "failed_commands": 0}
        live.controller.watchers.append(self._watch)

    def _watch(self, turn: Turn) -> None:
        match turn.event:
            case CallArrived(service=service):
                self._arrived[service] = self._arrived.get(service, 0) + 1
            case LocationReceived():
                self._happened["location_messages"] += 1
            case CarrierGap():
                self._happened["carrier_gaps"] += 1
            case CommandFailed():
                self._happened["failed_commands"] += 1
        if turn.commands and isinstance(turn.commands[-1], CloseRecord):
            outcome = turn.commands[-1].outcome.value
            self._closed[outcome] = self._closed.get(outcome, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """Every metric, as Prometheus' library asks for them."""
        floor, now = self._live.floor, self._live.clock.now()
        arrived = CounterMetricFamily("vagtcentral_calls", "Calls that have arrived.", labels=["service"])
        for service, count in self._arrived.items():
            arrived.add_metric([service], count)
        yield arrived
        closed = CounterMetricFamily(
            "vagtcentral_records_closed", "Calls whose record has closed.", labels=["outcome"]
        )
        for outcome, count in self._closed.items():
            closed.add_metric([outcome], count)
        yield closed
        for name, count in self._happened.items():
            yield CounterMetricFamily(f"vagtcentral_{name}", name.replace("_", " ").capitalize() + ".", count)
        live = GaugeMetricFamily("vagtcentral_calls_live", "Calls that are live now.", labels=["service"])
        for service in SERVICES:
            live.add_metric([service], sum(call.record.service == service for call in floor.live()))
        yield live
        since = [
            call.record.waiting_since for call in floor.waiting() if call.record.waiting_since is not None
        ]
        yield GaugeMetricFamily("vagtcentral_calls_waiting", "Calls in the queue.", len(floor.waiting()))
        longest = (now - min(since)) / 1000 if since else 0.0
        yield GaugeMetricFamily("vagtcentral_longest_wait_seconds", "The longest wait now.", longest)
        operators = GaugeMetricFamily(
            "vagtcentral_operators", "Operators by what they are doing.", labels=["doing"]
        )
        for doing in Doing:
            operators.add_metric([doing.value], sum(desk.doing is doing for desk in floor.desks.values()))
        yield operators
        connected = float(self._live.trunk.connected)
        yield GaugeMetricFamily("vagtcentral_switch_connected", "Whether calls can be taken.", connected)
        well = float(self._live.controller.journal_well)
        yield GaugeMetricFamily("vagtcentral_journal_well", "Whether all is written.", well)


def metrics_routes(live: LiveSystem) -> APIRouter:
    """The route for an application behind a `Door`."""
    registry = CollectorRegistry()
    registry.register(Metrics(live))
    routes = APIRouter(tags=["operations"], responses=REFUSALS)

    @routes.get(
        "/metrics",
        summary="The state of the running system for Prometheus",
        dependencies=[Depends(require(Permission.READ_METRICS))],
        response_class=Response,
    )
    async def metrics() -> Response:
        """Counters and gauges in Prometheus' text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
