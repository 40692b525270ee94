"""What a call machine holds, by name: for developers who look inside, and for nothing else."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from vagtcentral.ivr.call import Call
from vagtcentral.location.located import Decision, Located
from vagtcentral.menus.model import Menu

#: What is the same for all calls, is empty between two events, or is kept by the room.
_LEFT_OUT = frozenset({"setting", "policy", "is_postcode", "reader", "hear", "out", "turns"})
#: An instant is a number of milliseconds since 1970: no count and no duration is as large.
FIRST_INSTANT = 10**11


def state_of(call: Call) -> dict[str, Any]:
    """Every variable of the machine and of its parts, as `part.variable`, in the order of the code.

    Values are numbers, texts, True, False or None; a set or a sequence is a text with commas. Instants stay
    numbers, in ms since 1970 UTC. Variables that have no value yet are left out.
    """
    return dict(_variables(call, ""))


def _variables(thing: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in _slots(thing):
        path = f"{prefix}{name}"
        if name in _LEFT_OUT or (prefix and name == "line"):  # parts lead back to the line of the call
            continue
        if _is_part(value):
            yield from _variables(value, f"{path}.")
        elif isinstance(value, Mapping):
            for key, one in value.items():
                yield f"{path}.{_plain(key)}", _plain(one)
        else:
            yield path, _plain(value)


def _slots(thing: Any) -> Iterator[tuple[str, Any]]:
    for slot in type(thing).__slots__:
        if hasattr(thing, slot):
            yield slot.lstrip("_"), getattr(thing, slot)


def _is_part(value: Any) -> bool:
    """Whether a value is a mutable part of the machine, which has variables of its own."""
    module = type(value).__module__
    machine = module.startswith("vagtcentral.ivr.") or module in (
        "vagtcentral.menus.walk",
        "vagtcentral.menus.digits",
    )
    mutable = "__dataclass_fields__" not in dir(type(value)) and not isinstance(value, Enum)
    return machine and mutable and hasattr(type(value), "__slots__")


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.name.lower()
        case Menu(name=name):
            return name
        case Decision(action=action, reason=reason):
            return f"{action.value}: {reason}"
        case Located(position=position, districts=districts):
            likely = ", ".join(f"{one.name} {one.probability:.2f}" for one in districts[:3])
            return f"{position.latitude:.5f}, {position.longitude:.5f} ± {position.radius_m} m: {likely}"
        case list() | tuple() | set() | frozenset():
            return ", ".join(str(_plain(one)) for one in value) or None
    return str(value)
