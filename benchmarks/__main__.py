"""Runs the benchmarks named, or all of them, and prints a table of each or one JSON document."""

import argparse
import json
import os
import platform
import sys

from benchmarks import aml_decode, startup, whole_call
from benchmarks.result import Result, table

NAMES = ("whole_call", "aml_decode", "startup")


def main() -> int:
    """Run and print; 0 unless two models that are to agree do not, whatever the times are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--calls", type=int, default=4_000, help="calls of whole_call (default: 4000)")
    parser.add_argument("--repetitions", type=int, default=7, help="runs of each thing (default: 7)")
    parser.add_argument("--profile", action="store_true", help="whole_call: also say where the time goes")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(NAMES))
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    if asked.calls < 1 or asked.repetitions < 1:
        parser.error("--calls and --repetitions are at least 1")
    results = [_run(name, asked) for name in asked.names or NAMES]
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
    if name == "whole_call":
        return whole_call.run(asked.calls, asked.repetitions, profile=asked.profile)
    if name == "aml_decode":
        return aml_decode.run(asked.repetitions)
    return startup.run(asked.repetitions)


def _machine() -> dict[str, str | int | None]:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"cores": os.cpu_count(), "architecture": platform.machine(), "python": python}


if __name__ == "__main__":
    sys.exit(main())
