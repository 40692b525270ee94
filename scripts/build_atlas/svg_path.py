"""The path of an SVG shape as rings of points (SVG 1.1, section 8.3, without elliptical arcs)."""

import re
from collections.abc import Iterator

import numpy as np

_TOKEN = re.compile(r"([MmLlHhVvCcSsZz])|([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Z": 0}
#: Straight pieces that stand for a curve.
_PIECES = 4

Point = tuple[float, float]


def rings(path: str) -> list[list[Point]]:
    """The closed rings of a path; those of fewer than four points enclose nothing and are left out."""
    found: list[list[Point]] = []
    current: list[Point] = []
    here = start = (0.0, 0.0)
    for command, numbers in _commands(path):
        kind, relative = command.upper(), command.islower()
        if kind == "Z":
            found.append(current)
            current, here = [], start
        elif kind == "M":
            found.append(current)
            here = start = _moved(here, numbers, relative)
            current = [here]
        elif kind in "CS":
            bends = _bends(kind, here, numbers, relative)
            current += _curve(bends)
            here = bends[-1]
        else:
            here = _straight(kind, here, numbers, relative)
            current.append(here)
    return [ring for ring in [*found, current] if len(ring) > 3]


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; a command is repeated for further numbers, and a move becomes a line."""
    command, numbers = "", []
    for letter, number in _TOKEN.findall(path):
        if letter:
            command, numbers = letter, []
            if letter in "Zz":
                yield letter, []
            continue
        numbers.append(float(number))
        if len(numbers) == _ARGUMENTS[command.upper()]:
            yield command, numbers
            numbers = []
            command = {"M": "L", "m": "l"}.get(command, command)


def _moved(here: Point, numbers: list[float], relative: bool) -> Point:
    x, y = numbers
    return (here[0] + x, here[1] + y) if relative else (x, y)


def _straight(kind: str, here: Point, numbers: list[float], relative: bool) -> Point:
    if kind == "L":
        return _moved(here, numbers, relative)
    (value,) = numbers
    if kind == "H":
        return value + here[0] * relative, here[1]
    return here[0], value + here[1] * relative


def _bends(kind: str, here: Point, numbers: list[float], relative: bool) -> list[Point]:
    """Start, both control points and end of a curve. The first control point of S counts as its start."""
    pairs = zip(numbers[0::2], numbers[1::2], strict=True)
    points = [_moved(here, [x, y], relative) for x, y in pairs]
    return [here, here, *points] if kind == "S" else [here, *points]


def _curve(bends: list[Point]) -> list[Point]:
    start, first, second, end = np.array(bends)
    points = []
    for t in np.linspace(0, 1, _PIECES + 1)[1:]:
        u = 1 - t
        point = u**3 * start + 3 * u * u * t * first + 3 * u * t * t * second + t**3 * end
        points.append((float(point[0]), float(point[1])))
    return points
