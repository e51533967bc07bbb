"""The pure parts of the engine benchmark: columns, order of runs, and the table of ratios."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # the benchmarks are no installed package

from benchmarks.engines.adapters.r_programs import read_draws  # noqa: E402
from benchmarks.engines.designs import DESIGNS, framed, parameter_count, simulate  # noqa: E402
from benchmarks.engines.judge import judge  # noqa: E402
from benchmarks.engines.ratios import (  # noqa: E402
    AGAIN,
    COLD,
    PROCESSOR,
    SECOND,
    rates,
    ratio_table,
)
from benchmarks.engines.run import schedule  # noqa: E402
from benchmarks.engines.settings import CONTENDERS, DEFAULT_DESIGNS  # noqa: E402
from benchmarks.engines.table import PASSED, RUN_COLUMNS, run_row  # noqa: E402
from learning_with_others.errors import CompendiumError  # noqa: E402

ISSUE_COLUMNS = (
    "engine design seed call students classrooms schools chains draws import_seconds"
    " compile_seconds sampling_seconds ess_bulk_min ess_tail_min divergences peak_mb"
)
NOTHING = pd.DataFrame()


def measured(ess=1000.0, sampling=1.0, compiling=0.0, divergences=0, diagnosis=PASSED):
    return {
        "import_seconds": 1.0,
        "compile_seconds": compiling,
        "sampling_seconds": sampling,
        "ess_bulk_min": ess,
        "ess_tail_min": ess,
        "divergences": divergences,
        "peak_mb": 300.0,
        "diagnosis": diagnosis,
        "cpu_seconds": 1.0,
        "load": 0.5,
    }


def row(engine, parametrization, *, seed=1, call=2, process="second", **more):
    return run_row(
        DESIGNS["892"],
        measured(**more),
        engine=engine,
        parametrization=parametrization,
        seed=seed,
        call=call,
        process=process,
    )


def table(rows):
    return pd.DataFrame(rows, columns=RUN_COLUMNS)


def test_the_columns_of_the_runs_begin_as_the_comparison_asks():
    assert list(RUN_COLUMNS[:16]) == ISSUE_COLUMNS.split()
    assert list(row("collapsed", "integrated")) == list(RUN_COLUMNS)


def test_a_ratio_is_the_median_over_the_seeds_that_both_ran():
    own = [row("collapsed", "integrated", seed=s, sampling=0.5) for s in (1, 2, 3, 4)]
    # 2,000 draws a second over 100, 50, 25; the collapsed engine's fourth seed has no pair.
    other = [
        row("explicit-nutpie", "centred", seed=s, ess=e) for s, e in ((1, 100), (2, 50), (3, 25))
    ]
    found = ratio_table(table(own + other), NOTHING, NOTHING, NOTHING)
    ratio = found[found["quantity"] == AGAIN].iloc[0]
    assert ratio["value"] == 40
    assert ratio["seeds"] == 3
    assert ratio["met"] == "yes"


def test_the_target_is_held_against_the_faster_explicit_model_and_both_are_shown():
    runs = table(
        [
            row("collapsed", "integrated", ess=1900),
            row("explicit-nutpie", "centred", ess=100),
            row("explicit-nutpie", "non-centred", ess=20, diagnosis="7 divergences, must be 0"),
            row("bambi", "non-centred", ess=500),
        ]
    )
    found = ratio_table(runs, NOTHING, NOTHING, NOTHING)
    # By processor seconds, one for every fit here, only engines within one process compare.
    assert found.loc[found["quantity"] == PROCESSOR, "value"].tolist() == [19, 95]
    found = found[found["quantity"] == AGAIN].set_index("compared_with")
    faster, slower = (found.loc[f"explicit-nutpie {way}"] for way in ("centred", "non-centred"))
    assert (faster["value"], faster["faster_explicit"], faster["met"]) == (19, "yes", "no")
    assert (slower["value"], slower["faster_explicit"]) == (95, "no")
    assert pd.isna(slower["wanted"])
    assert slower["failed_other"] == "1 of 1"
    assert pd.isna(found.loc["bambi non-centred", "wanted"])


def test_compilation_counts_in_first_calls_only():
    runs = table(
        [
            row("collapsed", "integrated", call=1, process="cold", compiling=9.0),
            row("collapsed", "integrated", call=1, compiling=1.0),
            row("collapsed", "integrated", compiling=5.0),
        ]
    )
    found = {name: rates(runs, name, "892")["rate"].tolist() for name in (AGAIN, COLD, SECOND)}
    assert found == {AGAIN: [1000], COLD: [100], SECOND: [500]}


def test_kernel_costs_and_the_national_study_meet_or_miss_their_bounds():
    kernel = pd.DataFrame(
        {
            "students": [892, 20_000, 9_000],
            "classrooms": [30, 30, 300],
            "schools": [4, 4, 20],
            "microseconds": [4.0, 4.6, 30.0],
        }
    )
    national = pd.DataFrame([measured(sampling=40.0, compiling=5.0) | {"statistics_seconds": 1.0}])
    runs = table([row("collapsed", "integrated", divergences=1)])
    found = ratio_table(runs, NOTHING, kernel, national).set_index("quantity")
    assert found.loc["gradient_students_spread", "value"] == pytest.approx(0.15)
    assert found.loc["gradient_students_spread", "met"] == "no"
    assert found.loc["gradient_microseconds", "met"].tolist()[:2] == ["yes", "yes"]
    assert found.loc["national_seconds", ["value", "met"]].tolist() == [46, "yes"]
    assert found.loc["collapsed_divergences", ["value", "wanted", "met"]].tolist() == [1, 0, "no"]


def test_a_contenders_first_process_is_cold_and_its_first_seed_is_run_again():
    runs = list(schedule(CONTENDERS, DEFAULT_DESIGNS, 5))
    for contender in CONTENDERS:
        mine = [(name, seed, process) for who, name, seed, process in runs if who is contender]
        assert mine[0] == ("892", 1, "cold")
        assert [process for *_, process in mine].count("cold") == 1
        assert (("892", 1, "second") in mine) == contender.repeats_first
        assert sum(name == "892" for name, *_ in mine) == (
            contender.seeds["892"] + contender.repeats_first
        )


def test_simulated_studies_have_the_models_parameters():
    design = DESIGNS["892-correlated"]
    data = simulate(design, 3)
    pd.testing.assert_frame_equal(data, simulate(design, 3))
    frame = framed(design, data)
    effects = sum(len(each.labels) * (1 + len(each.slopes)) for each in frame.groupings)
    # Residual, intercept, slope, school; one correlation.
    assert parameter_count(design) == len(frame.terms) + 4 + 1 + effects
    # Least squares on 20,000 rows: within 4 standard errors, which clustering makes at most .1.
    large = framed(DESIGNS["20000"], simulate(DESIGNS["20000"], 1))
    estimate = np.linalg.lstsq(large.columns, large.outcome)[0]
    order = [large.terms.index(name) for name in ("black", "female")]
    assert estimate[order] == pytest.approx([-0.3, 0.1], abs=0.08)


def test_fits_are_judged_by_the_models_parameters_only():
    rng = np.random.default_rng(1)
    design = DESIGNS["892"]
    names = [f"b{k}" for k in range(parameter_count(design))]
    draws = pd.DataFrame(rng.normal(size=(800, len(names))), columns=names)
    draws["standard_school"] = 1.0  # did not move: it would fail any diagnosis
    draws["diverging"], draws["energy"] = 0, rng.normal(size=800)
    fit = read_draws(draws)
    assert isinstance(fit, xr.DataTree)
    assert fit["posterior"]["b0"].to_numpy()[1, 0] == draws["b0"][200]
    assert judge(fit, design, 1.0).worst["ess_bulk"] > 100
    with pytest.raises(CompendiumError, match="72 parameters where the model has 73"):
        judge(read_draws(draws.drop(columns="b0")), design, 1.0)
