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


def spoken_of(themes, second):
    """Expected passages on each theme, of one passage: its first theme, or its second one."""
    weight = {name: theme.weight for name, theme in themes.items()}
    total = sum(weight.values())
    weight = {name: w / total for name, w in weight.items()}
    return {
        name: w + second * sum(v * w / (1 - v) for other, v in weight.items() if other != name)
        for name, w in weight.items()
    }


def test_themes_and_sentiments_by_group(count):
    rates, negative, expected = [], [], []
    declared = simulation().excerpts
    for group, themes in declared.themes.items():
        spoken = spoken_of(themes, declared.second_theme)
        expected += [(group, n, spoken[n], t.negative) for n, t in themes.items()]
    for tables, _ in studies(count):
        excerpts = tables["excerpts"]
        excerpts = excerpts[excerpts["coder"] == declared.coders[0]]
        passages = excerpts.groupby("group")["excerpt"].nunique()
        counts = excerpts.groupby(["group", "theme"])["sentiment"].agg(
            spoken="size", negative=lambda x: (x == "negative").sum()
        )
        found = counts.reindex([(group, theme) for group, theme, *_ in expected], fill_value=0)
        per_group = passages[[group for group, *_ in expected]].to_numpy()
        rates.append(found["spoken"] / per_group)
        negative.append(found["negative"] / per_group)
    assert_reproduced(rates, [rate for *_, rate, _ in expected])
    assert_reproduced(negative, [rate * bad for *_, rate, bad in expected])


def test_the_second_coder_misreads_as_often_as_declared(count):
    declared = simulation().excerpts
    again = []
    for tables, _ in studies(count):
        excerpts = tables["excerpts"]
        first, second = (excerpts[excerpts["coder"] == name] for name in declared.coders)
        twice = first[first["document"].isin(second["document"])]
        found = set(zip(second["excerpt"], second["theme"], strict=True))
        kept = [pair in found for pair in zip(twice["excerpt"], twice["theme"], strict=True)]
        again.append(twice.assign(kept=kept).groupby("theme")["kept"].mean())
    themes = sorted(declared.misread)
    misread = [1 - np.array(each.reindex(themes)) for each in again]
    # A passage's other theme may be taken for this one, which then stands after all: 30% of the
    # passages have another theme, of which at most 45% are misread, at most half of them so.
    low = [declared.misread[name] * (1 - 2 * 0.3 * 0.45 * 0.5) for name in themes]
    error = np.nanstd(misread, axis=0) / np.sqrt(len(misread))
    mean = np.nanmean(misread, axis=0)
    assert (mean > low - 4 * error).all()
    assert (mean < np.array([declared.misread[name] for name in themes]) + 4 * error).all()
