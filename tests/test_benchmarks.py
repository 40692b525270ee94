"""The benchmarks measure what they say: both models of `whole_call` do the same. No times are judged here."""

import dataclasses
import gc
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import simpy_model, startup, vagtcentral_run, whole_call
from benchmarks.agreement import compare, fates
from benchmarks.result import Figure, Result, table
from benchmarks.sampling import GARBAGE, breakdown, part_of, sampled
from benchmarks.traffic import plans, staff
from vagtcentral.ivr.commands import CloseRecord, Outcome
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.position import Position

CALLS = 500
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def setting():
    return shipped_setting()


@pytest.fixture(scope="module")
def drawn(setting):
    return plans(CALLS, whole_call.SEED, setting)


@pytest.fixture(scope="module")
def journal(drawn, setting):
    return vagtcentral_run.act_out(drawn, staff(setting), setting)


@pytest.fixture(scope="module")
def theirs(drawn, setting):
    return simpy_model.act_out(drawn, staff(setting), setting)


def test_the_same_seed_draws_the_same_calls_and_another_seed_others(drawn, setting):
    assert plans(CALLS, whole_call.SEED, setting) == drawn
    assert plans(CALLS, whole_call.SEED + 1, setting) != drawn


def test_both_models_agree_on_outcome_operator_and_wait_of_every_call(journal, theirs):
    agreement = compare(fates(journal), theirs)
    assert agreement.first_difference is None
    assert agreement.same == agreement.calls == CALLS
    assert agreement.outcomes[0] == agreement.outcomes[1]
    assert agreement.mean_waits_s[0] == agreement.mean_waits_s[1] > 0


def test_every_call_is_closed_with_the_last_of_its_turns(journal, drawn):
    last = {turn.call_id: turn for turn in journal if turn.commands}
    assert last.keys() == {plan.call_id for plan in drawn}
    assert all(type(turn.commands[-1]) is CloseRecord for turn in last.values())


def test_the_traffic_has_every_outcome_that_is_compared(theirs):
    assert {outcome for outcome, _, _ in theirs.values()} == {
        Outcome.ANSWERED,
        Outcome.SELF_SERVICE,
        Outcome.ABANDONED_IN_MENU,
        Outcome.ABANDONED_IN_QUEUE,
    }


def test_a_millisecond_more_of_one_callers_patience_is_noticed(journal, drawn, theirs, setting):
    left = next(call for call, (outcome, _, _) in theirs.items() if outcome is Outcome.ABANDONED_IN_QUEUE)
    changed = [
        dataclasses.replace(plan, patience_ms=plan.patience_ms + (plan.call_id == left)) for plan in drawn
    ]
    agreement = compare(fates(journal), simpy_model.act_out(changed, staff(setting), setting))
    assert agreement.first_difference is not None
    assert agreement.same < CALLS


def test_the_result_has_the_figures_that_are_promised():
    result = whole_call.run(calls=60, repetitions=1, profile=True)
    what = {figure.what for figure in result.figures}
    assert {"Vagtcentral", "SimPy", "ratio", "same fate", "mean wait", "operators busy"} <= what
    assert result.extra["agreement"] is True
    assert gc.isenabled()
    json.dumps(result.as_json())


def test_the_sampler_finds_the_part_that_takes_the_time_and_puts_everything_back(drawn, setting):
    before = signal.getsignal(signal.SIGPROF)

    def act_out_and_locate():
        """A run, and enough work in one part that no sampling can miss it."""
        vagtcentral_run.act_out(drawn, staff(setting), setting)
        for number in range(2_000):
            setting.atlas.locate(Position(55.653, 12.485 + number * 1e-6, 300.0))

    sampler = sampled(act_out_and_locate, times=3)
    shares = dict(breakdown(sampler.parts))
    assert sum(shares.values()) == pytest.approx(1)
    assert any(part.startswith("location") for part in shares)
    assert signal.getsignal(signal.SIGPROF) is before
    assert len(gc.callbacks) == len(set(gc.callbacks))
    assert GARBAGE not in dict(breakdown(sampled(lambda: None).parts))


@pytest.mark.parametrize(
    ("module", "part"),
    [
        ("vagtcentral.menus.walk", "menu walk"),
        ("vagtcentral.location.ground", "location: exact geometry"),
        ("vagtcentral.ivr.legs", "call machine"),
        ("benchmarks.vagtcentral_run", "the benchmark's switch and loop"),
    ],
)
def test_a_module_counts_for_its_part(module, part):
    assert part_of(module) == part


def test_start_up_is_measured_in_fresh_processes():
    assert startup.best("pass", 2) > 0
    with pytest.raises(subprocess.CalledProcessError):
        startup.best("raise SystemExit(3)", 1)


def test_a_help_that_cannot_be_measured_is_said_with_its_reason(monkeypatch):
    monkeypatch.setattr(startup, "find_spec", lambda name: None)
    monkeypatch.setattr(startup, "best", lambda code, repetitions: 0.1)
    result = startup.run(1)
    assert result.met is None
    assert result.figures[0].value is None
    assert "skipped" in table(result)


def test_a_table_has_a_line_for_each_figure():
    shown = table(Result("name", "about", [Figure("rate", 1234.5, "calls/s"), Figure("calls", 7)]))
    assert shown.splitlines() == ["name: about", "  rate   1,234 calls/s", "  calls      7"]


def test_the_command_prints_one_json_document_and_refuses_a_name_it_does_not_know():
    command = [sys.executable, "-m", "benchmarks"]
    asked = [*command, "whole_call", "--json", "--calls", "60", "--repetitions", "1"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [one["name"] for one in json.loads(done.stdout)["results"]] == ["whole_call"]
    refused = subprocess.run([*command, "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "nonsense" in refused.stderr
