"""The gap in clusters that hold both groups: on which rows, of which model, in which units."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from conftest import ROOT

from learning_with_others.benefits import shared_clusters
from learning_with_others.benefits.alternatives import Inputs
from learning_with_others.benefits.flags import with_flags
from learning_with_others.benefits.shared_clusters import (
    QUANTITY,
    shared_cluster_gap,
    with_shared_clusters,
)
from learning_with_others.benefits.table import benefit_table
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.errors import FAILED_FIT
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.benefit_fit import fit_benefit
from learning_with_others.models.drawn import draw_posterior
from learning_with_others.models.variants import in_shared_clusters
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT / "data/learning-with-others").design


@pytest.fixture(scope="module")
def rows(study):
    """Students of the two groups, those of ten classrooms in one room for each group."""
    found = model_rows(read_study(study_of()).students, study, "all", "gpa")
    two = found[found["race"].isin(["Black", "White"])]
    rooms = sorted(two["classroom"].unique())[:10]
    parted = two["classroom"].astype(str) + " " + two["race"].astype(str)
    return two.assign(classroom=parted.where(two["classroom"].isin(rooms), two["classroom"]))


def study_of():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def fit(rows, study):
    return fit_benefit("gpa", rows, study, None)


def gap_of(fit, rows, study):
    return shared_cluster_gap("gpa", fit, {"gpa": rows}, Inputs(study, None, rows, "all", {}))


def test_rows_are_those_of_clusters_with_both_and_no_term_is_of_composition(rows, study):
    kept, design = in_shared_clusters(rows, study)
    both = rows.groupby("classroom")["race"].nunique()
    assert set(kept["classroom"]) == set(both.index[both == 2])
    assert len(kept) < len(rows)
    assert not [term for term in design.specification.fixed if "share" in term]
    assert design.composing == ()
    assert [term for term in benefit_design(kept, study).specification.fixed if "share" in term]


def test_the_gap_is_that_of_another_program_in_units_of_all_rows(fit, rows, study):
    """Mixed model of statsmodels on the same rows, all variables in sds over all rows."""
    found = gap_of(fit, rows, study).iloc[0]
    both = rows.groupby("classroom")["race"].transform("nunique") == 2
    data = pd.DataFrame(
        {
            "y": (rows["gpa"] - rows["gpa"].mean()) / rows["gpa"].std(ddof=0),
            "x": rows["collaboration"] / rows["collaboration"].std(ddof=0),
            "prior": rows["prior_gpa"],
            "black": (rows["race"] == "Black").astype(float),
            "room": rows["classroom"].astype(str),
            "school": rows["school"].astype(str),
        }
    )[both]
    mean = data.groupby("room")["x"].transform("mean")
    data = data.assign(c=data["x"] - mean, between=mean)
    model = smf.mixedlm("y ~ c * black + between + prior + school", data, groups="room")
    fitted = model.fit(method=["powell", "lbfgs"])
    # Priors and the random slope, which is left out here: a fifth of the standard error.
    error = fitted.bse["c:black"]
    assert found["estimate"] == pytest.approx(fitted.params["c:black"], abs=0.2 * error)
    # And a tenth of its width, for the same reasons.
    assert (found["upper"] - found["lower"]) / (2 * 1.96) == pytest.approx(error, rel=0.1)


def test_it_stands_below_the_total_gap_without_a_number_of_students(fit, rows, study):
    table = with_shared_clusters(benefit_table({"gpa": fit}, study), gap_of(fit, rows, study))
    place = list(table["quantity"]).index(QUANTITY)
    assert table["quantity"].iloc[place - 1] == "benefit.gap.total"
    assert np.isnan(table["children"].iloc[place])
    assert list(table.index) == list(range(len(table)))


def test_too_few_of_a_group_in_shared_clusters_leave_it_out(fit, rows, study):
    own = rows["classroom"].astype(str) + " " + rows["race"].astype(str)
    room = rows["classroom"].iloc[-1]
    few = rows.assign(classroom=own.where(rows["classroom"] != room, room))
    few = few.drop(few.index[(few["classroom"] == room) & (few["race"] == "Black")][3:])
    assert in_shared_clusters(few, study) is None
    missing = gap_of(fit, few, study)
    assert missing.empty
    table = benefit_table({"gpa": fit}, study)
    pd.testing.assert_frame_equal(with_shared_clusters(table, missing), table)


def test_a_fit_that_failed_keeps_its_row_and_says_so(fit, rows, study, monkeypatch):
    def failing(*given):
        drawn = draw_posterior(*given)
        return replace(drawn, diagnosis=replace(drawn.diagnosis, worst={"pareto_k": 0.9}))

    monkeypatch.setattr(shared_clusters, "draw_posterior", failing)
    table = with_shared_clusters(benefit_table({"gpa": fit}, study), gap_of(fit, rows, study))
    comparable = dict.fromkeys(Comparison, Verdict.COMPARABLE)
    verdicts = {(n, k): v for n in ("collaboration", "gpa") for k, v in comparable.items()}
    flagged = with_flags(table, {"gpa": fit}, verdicts, {}, study)
    failed = flagged["flag"].str.contains(FAILED_FIT)
    assert list(flagged["quantity"][failed]) == [QUANTITY]
