"""The partially pooled gap against planted gaps, REML and the limits of pooling."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from conftest import ROOT

from learning_with_others.data.measures.opportunities import RAW, Measure, opportunity_measures
from learning_with_others.data.reading import read_study
from learning_with_others.opportunity.figures.gaps import draw_gaps, draw_quantile_gaps
from learning_with_others.opportunity.gaps import partially_pooled
from learning_with_others.opportunity.gaps.claimed import opportunity_gaps
from learning_with_others.opportunity.gaps.partially_pooled import (
    ALONE,
    BETWEEN,
    COLUMNS,
    MEAN,
    POOLED,
    pooled_gap,
    pooled_gap_table,
    pooled_measures,
)
from learning_with_others.study import load_study

DRAWS = 500  # of each chain: some 700 independent ones
NAMES = ["student_centered", "interdependence", "balanced_composition", "norms_clarity"]


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    return read_study(synthetic).students


@pytest.fixture(scope="module")
def measures(synthetic):
    return [m for m in opportunity_measures(synthetic) if m.name in NAMES]


def planted(rows, gaps):
    """Scores with these gaps, a share of variance between classrooms, correlated residuals."""
    rng = np.random.default_rng(7)
    black = (rows["race"] == "Black").to_numpy(float)
    room = pd.factorize(rows["classroom"])[0]
    common = rng.normal(size=len(rows))
    out = {}
    for name, gap in zip(NAMES, gaps, strict=True):
        own = 0.6 * common + 0.8 * rng.normal(size=len(rows))
        out[name] = gap * black + 0.3 * rng.normal(size=room.max() + 1)[room] + own
    return rows.assign(**out)


@pytest.fixture(scope="module")
def alike(rows, synthetic, measures):
    changed = planted(rows, [-0.4] * 4)
    return changed, pooled_gap(changed, synthetic, measures, DRAWS)


def kinds(found):
    table = found.table.set_index(["measure", "kind"])
    one = table[["estimate", "lower", "upper", "mcse"]]
    return one.xs(ALONE, level="kind"), one.xs(POOLED, level="kind")


def test_equal_gaps_are_drawn_together_and_their_mean_is_found(alike):
    alone, pooled = kinds(alike[1])
    assert np.ptp(pooled.loc[NAMES, "estimate"]) < 0.7 * np.ptp(alone["estimate"])
    width = pooled["upper"] - pooled["lower"]
    assert (width[NAMES] < alone["upper"] - alone["lower"]).all()
    # One data set, one seed: the interval holds the planted gap of -0.4.
    assert pooled.loc[MEAN, "lower"] < -0.4 < pooled.loc[MEAN, "upper"]
    # The mean of the gaps is that of their normal distribution, but for its prior around 0 and
    # Monte Carlo error, both far below .02.
    assert pooled.loc[MEAN, "estimate"] == pytest.approx(
        pooled.loc[NAMES, "estimate"].mean(), abs=0.02
    )
    assert pooled.loc[BETWEEN, "lower"] >= 0


def test_each_gap_alone_agrees_with_reml(alike):
    changed, found = alike
    alone, _ = kinds(found)
    kept = changed[changed["race"].isin(["Black", "White"])]
    black = kept["race"] == "Black"
    for name in NAMES[:2]:
        groups = [kept.loc[black, name], kept.loc[~black, name]]
        ss = sum(((g - g.mean()) ** 2).sum() for g in groups)
        data = pd.DataFrame(
            {
                "y": kept[name] / (ss / (len(kept) - 2)) ** 0.5,
                "focal": black.astype(float),
                "room": kept["classroom"].astype(str),
            }
        )
        # No school effects were planted, and REML would put theirs on the boundary.
        reml = smf.mixedlm("y ~ focal", data, groups="room").fit()
        # Agreement: the posterior mean within a tenth of a posterior sd. The sds differ by what
        # the schools' spread, which four schools hardly tell, adds.
        sd = (alone.loc[name, "upper"] - alone.loc[name, "lower"]) / (2 * 1.96)
        # The mean of draws is known up to two of its Monte Carlo errors.
        near = 0.1 * sd + 2 * alone.loc[name, "mcse"]
        assert alone.loc[name, "estimate"] == pytest.approx(reml.params["focal"], abs=near)
        assert sd == pytest.approx(reml.bse["focal"], rel=0.05)


def test_gaps_far_apart_stay_apart(rows, synthetic, measures):
    changed = planted(rows, [-1.0, 1.0, 0.0, 0.0])
    alone, pooled = kinds(pooled_gap(changed, synthetic, measures[:2], DRAWS // 2))
    # Errors of .09 between gaps spread by about .6 (the prior pulls 1 down): normal means shrink by
    # .09² / (.09² + .6²), 2% of a distance of 1.
    for name in NAMES[:2]:
        assert pooled.loc[name, "estimate"] == pytest.approx(alone.loc[name, "estimate"], abs=0.06)
    assert pooled.loc[BETWEEN, "lower"] > 0.2


def test_the_table_has_its_columns_and_says_whether_the_fit_may_be_read(alike):
    table, diagnosis = alike[1].table, alike[1].diagnosis
    assert list(table.columns) == COLUMNS
    assert list(table["measure"][-2:]) == [MEAN, BETWEEN]
    assert (table["score"] == RAW).all()
    assert len(table) == 2 * len(NAMES) + 2
    joint = table["kind"] == POOLED
    assert (table.loc[joint, "flag"] == (diagnosis.flag or "")).all()
    assert not diagnosis.flag


def test_too_few_draws_are_said_to_be_so(rows, synthetic, measures):
    found = pooled_gap(rows, synthetic, measures[:2], 20)
    assert "effective size" in found.diagnosis.flag
    joint = found.table["kind"] == POOLED
    assert (found.table.loc[joint, "flag"] == found.diagnosis.flag).all()


@pytest.mark.parametrize("kept", [0, 3])
def test_too_few_students_leave_rows_without_estimates(rows, synthetic, measures, kept):
    focal = rows.index[rows["race"] == "Black"]
    found = pooled_gap(rows.drop(focal[kept:]), synthetic, measures)
    assert found.diagnosis is None
    assert (found.table["flag"][:-2] == "fewer than 10 Black people").all()
    assert found.table[["estimate", "lower", "upper", "children"]].isna().all(axis=None)


def test_a_measure_that_does_not_vary_stays_out(rows, synthetic, measures):
    found = pooled_gap(rows.assign(interdependence=3.0), synthetic, measures[:2])
    words = found.table.drop_duplicates("measure").set_index("measure")["flag"]
    assert words["interdependence"] == "does not vary within the groups"
    assert words["student_centered"] == "nothing to pool it with"


def test_one_school_alone_has_no_intercept(rows, synthetic, measures, monkeypatch):
    seen = []

    def stop(frame, *_):
        seen.append([each.name for each in frame.groupings])
        raise StopIteration

    monkeypatch.setattr(partially_pooled, "fit_pooled", stop)
    for changed in (rows, rows.assign(school="A")):
        with pytest.raises(StopIteration):
            pooled_gap(changed, synthetic, measures)
    assert seen == [["classroom", "school"], ["classroom"]]
    roles = synthetic.roles.model_copy(update={"classroom": None})
    without = synthetic.model_copy(update={"roles": roles})
    found = pooled_gap(rows.assign(school="A"), without, measures)
    assert (found.table["flag"] == "one school without classrooms").all()
    assert found.table["estimate"].isna().all()


def test_constructs_stand_in_where_there_are_no_elements(measures, study):
    assert pooled_measures(measures) == measures
    scales = [Measure(name, name, "construct") for name in ("a", "b")]
    kept = [*scales, Measure("lessons", "lessons", "number")]
    assert pooled_measures([*kept, *opportunity_measures(study)]) == kept
    assert pooled_measures([scales[0], Measure("part", "part", "element")]) == scales[:1]


def test_one_measure_has_nothing_to_be_pooled_with(students, study):
    grade = students[students["grade"] == "3"]
    found = pooled_gap(grade, study, opportunity_measures(study))
    assert found is None
    assert pooled_gap_table(found).empty


def test_the_forest_shows_every_estimate_and_why_one_is_missing(alike, synthetic, measures):
    gaps = opportunity_gaps(alike[0], synthetic, measures).assign(verdict="comparable")
    gone = gaps["measure"] == NAMES[0]
    gaps.loc[gone, ["estimate", "lower", "upper"]] = np.nan
    gaps.loc[gone, "flag"] = "too few"
    pooled = alike[1].table[alike[1].table["measure"] != NAMES[0]]
    figure = draw_gaps(gaps, pooled)
    axis = figure.axes[0]
    words = [text.get_text() for text in axis.texts]
    assert words.count("comparable") == len(NAMES)
    assert "too few" in words
    drawn = sum(len(line.get_xdata()) for line in axis.lines if line.get_marker() in "osD")
    assert drawn == 3 * (len(NAMES) - 1)
    plt.close(figure)


def test_figures_of_nothing_are_none():
    assert draw_gaps(pd.DataFrame({"measure": []})) is None
    assert draw_quantile_gaps(pd.DataFrame({"measure": [], "estimate": []})) is None


def test_every_fit_has_a_random_stream_of_its_own(rows, synthetic, measures, monkeypatch):
    seeds = []

    def noting(fit, place):
        def noted(*args, **settings):
            seeds.append(args[place].seed)
            return fit(*args, **settings)

        return noted

    for name, place in (("fit_pooled", 3), ("fit_outcomes", 2)):
        monkeypatch.setattr(partially_pooled, name, noting(getattr(partially_pooled, name), place))
    pooled_gap(rows, synthetic, measures, DRAWS)
    assert len(seeds) > len(measures)
    assert len(set(seeds)) >= len(measures) + 1
