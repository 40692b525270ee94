"""Keeping a 114 call back from the queue for a moment, while a better position of its caller is on the way.

The handset's own position mostly comes within 20 seconds of the call. Where the caller's district is not sure
by then and decides who takes the call, waiting for it can cost less than asking him, or than a transfer out
of the wrong district (`location.decision`). He hears what every waiting caller hears, and his place in the
queue is that of the moment at which he left the menu. The wait is over when something else has become best,
with the timer `BETTER_FIX`, or when he books a call-back.
"""

from vagtcentral.ivr.errand import Errand
from vagtcentral.ivr.events import CallArrived, Timer
from vagtcentral.ivr.line import Line
from vagtcentral.ivr.whereabouts import Whereabouts
from vagtcentral.location.decision import Costs

_BETTER_FIX = Timer.BETTER_FIX


def expected_until(call: CallArrived, costs: Costs) -> int:
    """Until which instant a better position of this caller may be waited for, 0 where none is expected.

    Never on 112. A caller who withholds his number gets none either, as messages find their call by it.
    """
    if not costs.hold_s or call.service == "112" or call.caller is None:
        return 0
    return call.at + round(costs.hold_s * 1000)


def keep_back(line: Line, whereabouts: Whereabouts, errand: Errand, at: int) -> bool:
    """Keep a call that leaves its menu back from the queue, if that is best; returns whether it is kept."""
    if not whereabouts.fix_until or not errand.asks_for_the_callers_district:
        return False
    whereabouts.decide(at)
    if not whereabouts.hold:
        return False
    errand.take_place(at)
    line.add(whereabouts.shown())
    line.set(_BETTER_FIX, whereabouts.fix_until)
    return True
