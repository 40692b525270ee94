"""Events and commands by their kind: the name of the class in snake case, in journals, logs and failures."""

import re


def kind_of(cls: type) -> str:
    """The kind of an event or command class, e.g. `digit_pressed`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
