"""What one call knows of the caller's position: the evidence so far and what follows from it."""

from functools import cache

from vagtcentral.ivr.commands import ShowLocation
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.location.aml import decode
from vagtcentral.location.aml_https import decode_form
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.decision import decide
from vagtcentral.location.evidence import best, cell_circle
from vagtcentral.location.geoloc import read_geoloc
from vagtcentral.location.located import Action, Decision, Located
from vagtcentral.location.position import Position
from vagtcentral.location.postcodes import postcode_position


@cache
def _decided_without(service: str) -> Decision:
    """What is decided where nothing is known: the same for every call of a service."""
    return decide(None, service)


class Whereabouts:
    """Collects every position of a call, keeps all of them, and says which one counts.

    A message that cannot be read adds no position; its anomalies are shown all the same.
    """

    __slots__ = ("_anomalies", "_atlas", "_positions", "_service", "decision", "located")

    def __init__(self, atlas: Atlas, service: str) -> None:
        self._atlas = atlas
        self._service = service
        self._positions: list[Position] = []
        self._anomalies: list[str] = []
        self.located: Located | None = None
        self.decision: Decision = _decided_without(service)

    @property
    def certain(self) -> bool:
        """Whether the district is known well enough that the caller need not be asked."""
        return self.decision.action is Action.ROUTE and self.decision.district is not None

    @property
    def district(self) -> str | None:
        """The most probable district's code, or None."""
        return self.decision.district

    def received(self, event: LocationReceived) -> ShowLocation:
        """Take in a location message."""
        match event.form:
            case LocationForm.AML_SMS:
                message = decode(event.content, event.at)
                self._anomalies += [anomaly.value for anomaly in message.anomalies]
                position = message.position
            case LocationForm.CELL_CIRCLE:
                position = cell_circle(event.content, event.at)
                if position is None:
                    self._anomalies.append("cell-unreadable")
            case LocationForm.AML_HTTPS:
                form = decode_form(event.content.encode(), key=None, received_at=event.at)
                self._anomalies += [anomaly.value for anomaly in form.anomalies]
                position = form.position
            case LocationForm.GEOLOC:
                geoloc = read_geoloc(event.content, event.at)
                position = geoloc.position
                if geoloc.reason is not None:
                    self._anomalies.append(geoloc.reason)
        return self._weigh(position, event.at)

    def keyed_postcode(self, postcode: str, at: int) -> ShowLocation:
        """Take in a postcode that the caller keyed."""
        return self._weigh(postcode_position(postcode, at), at)

    def _weigh(self, position: Position | None, at: int) -> ShowLocation:
        disagreements: tuple[str, ...] = ()
        if position is not None:
            self._positions.append(position)
        if self._positions:
            evidence = best(self._positions, at)
            disagreements = evidence.disagreements
            self.located = self._atlas.locate(evidence.position)
            self.decision = decide(self.located, self._service)
        anomalies = (*dict.fromkeys(self._anomalies), *disagreements)
        return ShowLocation(self.located, self.decision, anomalies)
