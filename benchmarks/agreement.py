"""Whether both models did the same: what became of each call, call by call."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.simpy_model import Fate
from vagtcentral.ivr.commands import AcceptOffer, CloseRecord, Enqueue, Outcome
from vagtcentral.ivr.journal import Turn


def fates(journal: Iterable[Turn]) -> dict[str, Fate]:
    """What became of each closed call by the journal: outcome, operator, milliseconds in the queue."""
    since: dict[str, int] = {}
    until: dict[str, int] = {}
    operators: dict[str, str] = {}
    found: dict[str, Fate] = {}
    for turn in journal:
        call_id = turn.call_id
        for command in turn.commands:
            match command:
                case Enqueue():
                    since.setdefault(call_id, turn.event.at)
                case AcceptOffer(operator=operator):
                    operators[call_id] = operator
                    until[call_id] = turn.event.at
                case CloseRecord(outcome=outcome):
                    if outcome is Outcome.ABANDONED_IN_QUEUE:
                        until[call_id] = turn.event.at
                    waited = until[call_id] - since[call_id] if call_id in until else None
                    found[call_id] = (outcome, operators.get(call_id), waited)
    return found


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two models agree on the same calls; `same` counts calls with equal fates to the millisecond."""

    calls: int
    same: int
    outcomes: tuple[dict[str, int], dict[str, int]]
    mean_waits_s: tuple[float, float]
    first_difference: str | None

    @property
    def holds(self) -> bool:
        """Whether every call met the same fate in both."""
        return self.same == self.calls


def compare(ours: Mapping[str, Fate], theirs: Mapping[str, Fate]) -> Agreement:
    """Compare what became of the same calls in two models."""
    calls = sorted(ours.keys() | theirs.keys())
    different = [call for call in calls if ours.get(call) != theirs.get(call)]
    first = None
    if different:
        first = f"{different[0]}: {ours.get(different[0])} against {theirs.get(different[0])}"
    return Agreement(
        calls=len(calls),
        same=len(calls) - len(different),
        outcomes=(_outcomes(ours), _outcomes(theirs)),
        mean_waits_s=(_mean_wait_s(ours), _mean_wait_s(theirs)),
        first_difference=first,
    )


def _outcomes(found: Mapping[str, Fate]) -> dict[str, int]:
    return dict(sorted(Counter(outcome.value for outcome, _, _ in found.values()).items()))


def _mean_wait_s(found: Mapping[str, Fate]) -> float:
    waits = [waited for _, _, waited in found.values() if waited is not None]
    return sum(waits) / len(waits) / 1000 if waits else 0.0
