"""Where a caller can be."""

from enum import Enum, auto


class Phase(Enum):
    """Where the caller is."""

    NEW = auto()  #: nothing has happened yet
    MENU = auto()  #: in the menu of the number dialled
    WAITING = auto()  #: in the queue and on the line
    TALKING = auto()  #: connected to an operator
    SURVEY = auto()  #: in the after-call survey
    CLOSING = auto()  #: hearing the last words before we hang up; a call-back is kept
    AWAY = auto()  #: off the line, with a call-back kept
    CALLED = auto()  #: being rung for the call-back, the operator waiting on the line
    GONE = auto()  #: off the line for good
