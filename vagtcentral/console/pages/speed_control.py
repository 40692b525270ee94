"""How fast the simulation runs, and the buttons to change that; for everybody at once."""

import logging

from nicegui import ui

from vagtcentral.console.pages.in_place import rewrite, writing
from vagtcentral.console.pages.parts import button, named
from vagtcentral.console.words import Say
from vagtcentral.sim.pace import PacedClock, faster, slower

log = logging.getLogger(__name__)


class SpeedControl:
    """Drawn where the page is being drawn now; `show` follows what others have chosen."""

    def __init__(self, say: Say, clock: PacedClock) -> None:
        self._say = say
        self._clock = clock
        with named(ui.element("div").classes("acts speed").props("role=group"), say("sim_speed_group")):
            self._speed = writing("p", "", "soft").props("role=status")
            button("–", lambda: self._run_at(slower(clock.speed)), name=say("sim_slower"))
            button("+", lambda: self._run_at(faster(clock.speed)), name=say("sim_faster"))
        self.show()

    def show(self) -> None:
        """Show the speed of now."""
        rewrite(self._speed, self._say("sim_speed", times=f"{self._clock.speed:g}"))

    def _run_at(self, speed: float) -> None:
        if speed != self._clock.speed:
            self._clock.run_at(speed)
            log.info("the simulation runs at %g times real time from now on", speed)
        self.show()
