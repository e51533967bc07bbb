"""Teachers, raters and excerpts of generated studies reproduce what was declared."""

import numpy as np
import pandas as pd
import pytest
from many_studies import COUNTS, assert_reproduced, plain_studies, simulation, studies
from scipy.stats import norm

pytestmark = pytest.mark.parametrize("count", COUNTS, scope="module")


def test_raters_see_quality_through_severity_and_noise(count):
    rubric, elements = simulation().rubric, list(simulation().elements)
    # Scores (less 1) times quality; the latent score has variance 1 + severity².
    sd = np.sqrt(1 + rubric.severity_sd**2)
    expected = rubric.loading * (norm.pdf(np.array(rubric.thresholds) / sd) / sd).sum()
    draws, severe = [], []
    for tables, truth in studies(count):
        scores = tables["observations"]
        seen = scores[[f"rubric_{name}" for name in elements]].to_numpy()
        quality = truth.quality.loc[scores["classroom"]].to_numpy()
        draws.append(((seen - 1) * quality).mean(axis=0))
        by_rater = pd.Series(seen.mean(axis=1)).groupby(scores["rater"]).mean()
        severe.append(np.polyfit(truth.severity, by_rater, 1)[0])
    assert_reproduced(draws, np.full(len(elements), expected))
    assert np.mean(severe) < -0.5


def test_teachers_see_the_quality_of_their_classroom(count):
    teachers, elements = simulation().teachers, list(simulation().elements)
    expected = teachers.quality_path * norm.pdf(teachers.view_thresholds).sum()
    draws = []
    for tables, truth in plain_studies(count):
        observed = tables["teachers"].dropna(subset="classroom")
        views = observed[[f"view_{name}" for name in elements]].to_numpy(float)
        quality = truth.quality.loc[observed["classroom"]].to_numpy()
        draws.append(((views - 1) * quality).mean(axis=0))
    assert_reproduced(draws, np.full(len(elements), expected))


def test_thresholds_of_the_teachers_items(count):
    items = {
        name: x for scale in simulation().teachers.scales.values() for name, x in scale.items()
    }
    expected = [norm.sf(item.thresholds) for item in items.values()]
    draws = [
        (tables["teachers"][list(items)].to_numpy(float)[..., None] > np.arange(1, 5)).mean(axis=0)
        for tables, _ in plain_studies(count)
    ]
    assert_reproduced(draws, expected)


def test_supports_and_hindrances_run_against_each_other(count):
    scales = simulation().teachers.scales
    supports, hindrances = (list(items) for items in scales.values())
    draws = []
    for tables, _ in plain_studies(count):
        answers = tables["teachers"].astype(dict.fromkeys([*supports, *hindrances], float))
        draws.append(answers[supports].mean(axis=1).corr(answers[hindrances].mean(axis=1)))
    # Attenuated by the items' reliability: between half of the declared correlation and all of it.
    assert (
        simulation().teachers.correlation < np.mean(draws) < simulation().teachers.correlation / 2
    )


def test_themes_and_sentiments_by_group(count):
    shares, negative, expected = [], [], []
    for group, themes in simulation().excerpts.themes.items():
        total = sum(theme.weight for theme in themes.values())
        expected += [(group, n, t.weight / total, t.negative) for n, t in themes.items()]
    for tables, _ in studies(count):
        excerpts = tables["excerpts"]
        size = excerpts["group"].value_counts()
        counts = excerpts.groupby(["group", "theme"])["sentiment"].agg(
            spoken="size", negative=lambda x: (x == "negative").sum()
        )
        found = counts.reindex([(group, theme) for group, theme, *_ in expected], fill_value=0)
        per_group = size[[group for group, *_ in expected]].to_numpy()
        shares.append(found["spoken"] / per_group)
        negative.append(found["negative"] / per_group)
    assert_reproduced(shares, [share for *_, share, _ in expected])
    assert_reproduced(negative, [share * bad for *_, share, bad in expected])
