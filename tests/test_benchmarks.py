"""The benchmarks measure what they say, and notice answers that differ. No times are judged here."""

import dataclasses
import gc
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from benchmarks import (
    aml_decode,
    lookup,
    probability,
    simpy_model,
    startup,
    vagtcentral_run,
    whole_call,
)
from benchmarks.__main__ import BENCHMARKS
from benchmarks.agreement import compare, fates
from benchmarks.result import Figure, Result, table
from benchmarks.sampling import GARBAGE, breakdown, part_of, sampled
from benchmarks.traffic import plans, staff
from vagtcentral.ivr.commands import CloseRecord, Outcome
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.aml import decode
from vagtcentral.location.atlas import Atlas
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


def test_lookups_are_measured_with_each_target_beside_its_ratio():
    result = lookup.run(points=300, repetitions=1, exact_points=2_000)
    figures = {figure.what: figure for figure in result.figures}
    assert "at least 5 times" in figures["certain, one at a time"].note
    assert "at least 50 times" in figures["in bulk"].note
    assert "below 150" in figures["loading the geometry"].note
    assert figures["unlike point-in-polygon"].value == 0
    assert "2,000, 200 on borders" in figures["unlike point-in-polygon"].note
    assert result.extra["agreement"] is True
    json.dumps(result.as_json())


def test_a_lookup_that_is_wrong_is_noticed_even_if_only_beside_borders():
    """Polygons a metre further east are other polygons; only points on borders and beside them tell."""
    atlas = Atlas.built_in()
    moved = shapely.transform(atlas.polygons, lambda places: np.add(places, (1.6e-5, 0.0)))
    wrong, checked, on_borders = lookup.differences(atlas, moved, 2_000)
    assert (checked, on_borders) == (2_000, 200)
    assert 50 < wrong < 400


def test_probabilities_are_measured_beside_the_plain_way_and_one_as_exact():
    result = probability.run(circles=40, repetitions=1)
    figures = {figure.what.strip(): figure for figure in result.figures}
    assert "at least 10 times" in figures["ratio"].note
    assert figures["ratio"].value > 0
    assert "5,120 corners" in figures["ratio, plain as exact"].note
    assert figures["largest difference"].value <= probability.SAME
    assert result.extra["agreement"] is True
    json.dumps(result.as_json())


def test_a_probability_that_is_wrong_is_noticed():
    atlas = Atlas.built_in()
    plain = probability.Plain(atlas)
    position = Position(55.70, 12.45, 2_000.0)
    ours, plainly, exactly = probability.differences(atlas, plain, position)
    assert ours < probability.SAME
    assert exactly < probability.SAME < plainly
    plain.planar = shapely.transform(plain.planar, lambda places: np.add(places, (1.0, 0.0)))
    plain.tree = shapely.STRtree(plain.planar)
    assert probability.differences(atlas, plain, position)[0] > probability.SAME


def test_circles_are_those_that_the_target_names():
    circles = probability.callers(2_000, np.random.default_rng(1))
    radii = [circle.radius_m for circle in circles]
    assert 50 <= min(radii) < 55
    assert 4_500 < max(radii) <= 5_000
    assert 400 < np.median(radii) < 600
    near_copenhagen = [55.5 < one.latitude < 55.9 and 12.2 < one.longitude < 12.7 for one in circles]
    assert 0.2 < np.mean(near_copenhagen) < 0.45


def test_every_form_of_message_is_timed_and_no_mutilated_one_lost():
    result = aml_decode.run(repetitions=1, messages=20, mutilated=400)
    figures = {figure.what: figure for figure in result.figures}
    assert figures.keys() == {*aml_decode.forms(), "mutilated messages"}
    assert figures["mutilated messages"].value == 400
    assert figures["mutilated messages"].note.startswith("0 lost")
    assert result.extra["agreement"] is True


def test_mutilated_messages_of_which_something_is_lost_are_counted(monkeypatch):
    monkeypatch.setattr(aml_decode, "decode_any", lambda message, received: decode("", received))
    assert aml_decode.fuzz(50, 0) > 40


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


def test_make_bench_runs_every_benchmark_that_has_a_target():
    assert list(BENCHMARKS) == ["whole_call", "lookup", "probability", "aml_decode", "startup"]


def test_the_command_prints_one_json_document_and_refuses_a_name_it_does_not_know():
    command = [sys.executable, "-m", "benchmarks"]
    small = ["--calls", "60", "--points", "50", "--circles", "10", "--mutilated", "100", "--repetitions", "1"]
    done = subprocess.run([*command, "--json", *small], cwd=ROOT, capture_output=True, text=True, check=True)
    results = json.loads(done.stdout)["results"]
    assert [one["name"] for one in results] == list(BENCHMARKS)
    assert all(one["met"] in (True, False) for one in results)
    refused = subprocess.run([*command, "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "nonsense" in refused.stderr
    refused = subprocess.run(
        [*command, "--circles", "0"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "--circles: '0' is not a whole number of 1 or more" in refused.stderr
