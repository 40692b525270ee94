"""Values: small immutable records that are made by the dozen for every call."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[_Class]) -> type[_Class]:
    """A slotted dataclass that is frozen to the type checker, and hashed by its fields.

    Freezing at run time makes each construction two to three times as slow (0.23 µs for two fields against
    0.08 µs, `docs/performance.md`), and a simulated day constructs tens of millions. The type checker, which
    every change passes, refuses any assignment to a field.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
