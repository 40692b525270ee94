"""What one call knows of the caller's position: the evidence so far and what follows from it."""

from dataclasses import replace

from vagtcentral.ivr.commands import ShowLocation
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.location_reader import LocationReader, Reading
from vagtcentral.ivr.setting import Setting
from vagtcentral.location.area import area_in_metres
from vagtcentral.location.by_model import at_95
from vagtcentral.location.decision import decide
from vagtcentral.location.evidence import Counted, counted, locate_counted
from vagtcentral.location.fusion import fuse
from vagtcentral.location.located import Action, Decision, Located
from vagtcentral.location.position import Position
from vagtcentral.location.same_fix import distinct
from vagtcentral.location.uncertainty import RFC_7459_NORMAL_2D

#: So many positions of one call are weighed, the newest: a flood of messages costs no more time than these.
MOST_POSITIONS = 30

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_ROUTE, _ASK, _HOLD = Action


class Whereabouts:
    """Collects the positions of a call, fuses those that agree, and says what is to be done.

    A message that cannot be read adds no position; its anomalies are shown all the same. `fix_until` is the
    instant until which a better fix may be waited for, 0 for not at all: the less time is left, the cheaper
    the wait, and once the caller's handset has said where in Denmark it is, nothing better is expected.
    """

    __slots__ = (
        "_anomalies",
        "_can_ask",
        "_counted",
        "_evidence",
        "_model",
        "_oddities",
        "_positions",
        "_reader",
        "_service",
        "_setting",
        "decision",
        "fix_until",
        "located",
    )

    def __init__(self, setting: Setting, service: str, fix_until: int = 0) -> None:
        self._setting = setting
        self._service = service
        self._reader: LocationReader | None = None
        self._positions: list[Position] = []
        self._model = setting.radius_model
        self._anomalies: list[str] = []
        self._oddities: tuple[str, ...] = ()  # what is odd about the positions taken together
        self._evidence: tuple[str, ...] = ()
        self._counted: Counted | None = None  # what the position that is located counts for
        self._can_ask = True
        self.fix_until = fix_until
        self.located: Located | None = None
        self.decision: Decision = setting.undecided[service]

    @property
    def spared(self) -> bool:
        """Whether the caller need not be asked where he is."""
        return self.decision.action is not _ASK

    @property
    def hold(self) -> bool:
        """Whether the call is to wait for a better position."""
        return self.decision.action is _HOLD

    @property
    def district(self) -> str | None:
        """The most probable district's code, or None."""
        return self.decision.district

    def received(self, event: LocationReceived) -> ShowLocation:
        """Take in a location message."""
        if self._reader is None:
            self._reader = LocationReader(self._setting)
        reading = self._reader.read(event)
        if reading.anomalies:
            self._anomalies += reading.anomalies
        if (
            self.fix_until
            and reading.from_handset
            and any(map(self._setting.atlas.covers, reading.positions))
        ):
            self.fix_until = 0
        self._take(reading)
        return self._weigh(event.at)

    def keyed(self, form: LocationForm, told: str, at: int) -> ShowLocation:
        """Take in what the caller keyed of where he is: a postcode, a square, a rescue number."""
        return self.received(LocationReceived(at, form, told))

    def leave_menu(self) -> None:
        """From here on the caller is not asked any more."""
        self._can_ask = False

    def decide(self, at: int) -> Decision:
        """Decide anew on what is known: while a better position may come, time changes what is best."""
        costs = self._setting.costs
        if costs.hold_s:
            left = max(0, self.fix_until - at) / 1000
            costs = replace(costs, hold_s=min(costs.hold_s, left))
        self.decision = decide(self.located, self._service, costs, self._can_ask)
        return self.decision

    def shown(self) -> ShowLocation:
        """What is known, for the record and the desk."""
        anomalies = (*dict.fromkeys(self._anomalies), *self._oddities) if self._anomalies else self._oddities
        if self._counted is None:
            return ShowLocation(self.located, self.decision, anomalies, self._evidence)
        known = self._counted
        return ShowLocation(
            *(self.located, self.decision, anomalies, self._evidence),
            *(known.radius_95_m, known.radius_model, known.age_s),
        )

    def _take(self, reading: Reading) -> None:
        """Keep the positions that can be used, each once, in place of what they complete."""
        if self._model != RFC_7459_NORMAL_2D:
            reading = self._converted(reading)
        if reading.replaces is not None:
            self._positions = [known for known in self._positions if known != reading.replaces]
        for position in reading.positions:
            self._positions.append(self._usable(position) if position.shape is not None else position)
        if len(self._positions) > 1:
            self._positions = distinct(self._positions)
        if len(self._positions) > MOST_POSITIONS:
            self._positions = self._positions[-MOST_POSITIONS:]
            self._anomalies.append("positions-dropped")

    def _converted(self, reading: Reading) -> Reading:
        """The reading with every radius brought to 95 % by the model of the setting."""
        positions = tuple(at_95(position, self._model) for position in reading.positions)
        replaces = None if reading.replaces is None else at_95(reading.replaces, self._model)
        return replace(reading, positions=positions, replaces=replaces)

    def _usable(self, position: Position) -> Position:
        """The position, without its shape if that encloses nothing: the circle then counts."""
        try:
            area_in_metres(position)
        except ValueError:
            self._anomalies.append("shape-unusable")
            return replace(position, shape=None)
        return position

    def _weigh(self, at: int) -> ShowLocation:
        positions = self._positions
        if len(positions) == 1:
            self._locate(positions[0], at)
            self._evidence = self._oddities = ()
            self.decide(at)
        elif positions:
            self._fuse(positions, at)
            self.decide(at)
        return self.shown()

    def _locate(self, position: Position, at: int) -> Located:
        """Locate what a position counts for now: widened by its age, never exact for want of a radius."""
        self._counted = counted(position, at, self._model)
        self.located = locate_counted(self._setting.atlas, position, at)
        return self.located

    def _fuse(self, positions: list[Position], at: int) -> None:
        fused = fuse(positions, at)
        located = self._locate(fused.position, at)
        if located.municipality is None:  # far away: does any other position lie in or near Denmark?
            fused = fuse(positions, at, self._setting.atlas.covers)
            self._locate(fused.position, at)
        self._evidence = tuple([str(part) for part in fused.parts])
        self._oddities = fused.disagreements
