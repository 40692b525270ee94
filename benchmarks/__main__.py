"""Runs the benchmarks named, or all of them, and prints a table of each or one JSON document."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping

from benchmarks import aml_decode, lookup, probability, startup, whole_call
from benchmarks.result import Result, table

#: What each benchmark is run with, in the order in which all are run.
BENCHMARKS: Mapping[str, Callable[[argparse.Namespace], Result]] = {
    "whole_call": lambda asked: whole_call.run(asked.calls, asked.repetitions, profile=asked.profile),
    "lookup": lambda asked: lookup.run(asked.points, asked.repetitions, 10 * asked.points),
    "probability": lambda asked: probability.run(asked.circles, asked.repetitions),
    "aml_decode": lambda asked: aml_decode.run(asked.repetitions, mutilated=asked.mutilated),
    "startup": lambda asked: startup.run(asked.repetitions),
}
#: Sizes that can be set: benchmark, option, default, what it counts.
_SIZES = (
    ("whole_call", "--calls", 4_000, "calls"),
    ("lookup", "--points", 20_000, "points that are timed; ten times as many are compared"),
    ("probability", "--circles", 2_000, "circles"),
    ("aml_decode", "--mutilated", 1_000_000, "damaged messages"),
)


def main() -> int:
    """Run and print; 0 unless answers that are to agree do not, whatever the times are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)} (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    for name, option, default, what in _SIZES:
        said = f"{name}: {what} (default: {default})"
        parser.add_argument(option, type=_count, default=default, metavar="N", help=said)
    parser.add_argument(
        "--repetitions", type=_count, default=7, metavar="N", help="runs of each (default: 7)"
    )
    parser.add_argument("--profile", action="store_true", help="whole_call: also say where the time goes")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - BENCHMARKS.keys())
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    results = [_run(name, asked) for name in asked.names or BENCHMARKS]
    if asked.json:
        print(json.dumps({"machine": _machine(), "results": [one.as_json() for one in results]}, indent=2))
    else:
        print(", ".join(f"{key} {value}" for key, value in _machine().items()))
        for result in results:
            print(f"\n{table(result)}")
            if result.met is not None:
                print("  target met" if result.met else "  TARGET MISSED")
    return 0 if all(one.extra.get("agreement", True) for one in results) else 1


def _run(name: str, asked: argparse.Namespace) -> Result:
    print(f"{name} …", file=sys.stderr)
    return BENCHMARKS[name](asked)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _machine() -> dict[str, str | int | None]:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"cores": os.cpu_count(), "architecture": platform.machine(), "python": python}


if __name__ == "__main__":
    sys.exit(main())
