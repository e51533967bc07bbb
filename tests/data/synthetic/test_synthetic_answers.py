"""Answers in generated studies reproduce the declared items, differences, styles and missingness.

For a trait t, normal with mean m and variance 1, and the latent answer a = l t + noise with
mean l m and variance v, the chance to pass a threshold c is F((l m − c) / √v), and the mean
of t over those who pass, times that chance, is m F(·) + l f(·) / √v.
"""

import numpy as np
import pytest
from many_studies import COUNTS, assert_reproduced, plain_studies, simulation, studies
from scipy.stats import norm

from learning_with_others.data.synthetic.planted_paths import planted_benefit_gap
from learning_with_others.data.synthetic.response_styles import STYLES
from learning_with_others.study.simulation import DEFAULT

pytestmark = pytest.mark.parametrize("count", COUNTS, scope="module")
ITEMS = {item: (name, truth) for name, x in simulation().items.items() for item, truth in x.items()}


def moments(loading, thresholds, mean, variance):
    """Means of (code − 1) and of (code − 1) × trait."""
    distance = (loading * mean - np.array(thresholds)) / np.sqrt(variance)
    passed = norm.cdf(distance)
    with_trait = mean * passed + loading * norm.pdf(distance) / np.sqrt(variance)
    return passed.sum(), with_trait.sum()


def realized_moments(count, group, items):
    draws = []
    for tables, truth in plain_studies(count):
        rows = truth.students[group].to_numpy()
        codes = tables["students"].loc[rows, items].to_numpy(float) - 1
        traits = truth.students.loc[rows, [ITEMS[item][0] for item in items]].to_numpy()
        draws.append([codes.mean(axis=0), (codes * traits).mean(axis=0)])
    return draws


def focal_moments(item, *, different):
    name, truth = ITEMS[item]
    latents, race = simulation().latents, simulation().race
    if name in latents:
        mean = latents[name].gaps.get(race.focal, 0)
    else:
        element = simulation().elements[name]
        mean = element.loading * latents[simulation().exposure].gaps[race.focal]
    difference = simulation().differential_items.get(item) if different else None
    loading = truth.loading + (difference.loading if difference else 0)
    thresholds = np.array(truth.thresholds) + (difference.threshold if difference else 0)
    return moments(loading, thresholds, mean, loading**2 + 1 - truth.loading**2)


def test_loadings_in_the_reference_group(count):
    expected = [moments(truth.loading, truth.thresholds, 0, 1) for _, truth in ITEMS.values()]
    assert_reproduced(realized_moments(count, "reference", list(ITEMS)), np.transpose(expected))


def test_thresholds_in_the_reference_group(count):
    thresholds = np.full((len(ITEMS), 4), np.inf)
    for row, (_, truth) in enumerate(ITEMS.values()):
        thresholds[row, : len(truth.thresholds)] = truth.thresholds
    draws = []
    for tables, truth in plain_studies(count):
        rows = truth.students["reference"].to_numpy()
        codes = tables["students"].loc[rows, list(ITEMS)].to_numpy(float)
        draws.append((codes[..., None] > np.arange(1, 5)).mean(axis=0))
    assert_reproduced(draws, norm.sf(thresholds))


def test_only_the_named_items_work_differently_in_the_focal_group(count):
    # A benefit gap changes a trait's variance in the focal group: those traits have no closed form.
    latents = simulation().latents
    changed = [x for x in latents if planted_benefit_gap(simulation(), x)]
    items = [item for item, (name, _) in ITEMS.items() if name not in changed]
    named = list(simulation().differential_items)
    assert set(named) < set(items)
    expected = [focal_moments(item, different=True) for item in items]
    assert_reproduced(realized_moments(count, "focal", items), np.transpose(expected))
    for item in named:
        with pytest.raises(AssertionError):
            assert_reproduced(
                realized_moments(count, "focal", [item]),
                np.transpose([focal_moments(item, different=False)]),
            )


def test_shares_of_styles_and_time_taken(count):
    styles = simulation().styles
    shares = [styles.acquiescent, styles.extreme, styles.straight_lining, styles.speeding]
    draws, logs = [], []
    for tables, truth in studies(count):
        style = truth.students["style"]
        draws.append([(style == name).mean() for name in STYLES])
        logs.append(np.log(tables["students"]["survey_seconds"][style != "speeding"]).mean())
    assert_reproduced(draws, [1 - sum(shares), *shares])
    assert_reproduced(logs, np.log(styles.seconds_median))


def test_styles_move_answers_as_they_say(count):
    forward = np.array([truth.loading > 0 for _, truth in ITEMS.values()])
    agreement, standard_deviation = [], []
    for tables, truth in studies(count):
        answers = tables["students"][list(ITEMS)].to_numpy(float, na_value=np.nan)
        answers[answers == simulation().missing.skipped_code] = np.nan
        by_style = {name: answers[truth.students["style"] == name] for name in STYLES}
        means = {name: np.nanmean(rows, axis=0) for name, rows in by_style.items()}
        gain = means["acquiescent"] - means["plain"]
        agreement.append([gain[forward].mean(), gain[~forward].mean()])
        standard_deviation.append(np.nanstd(by_style["extreme"]) - np.nanstd(by_style["plain"]))
    # A shift of .8 in the latent answer is about .6 points of a scale; stretching it by 2 adds
    # about .4 to its standard deviation. Here only the direction and the order of size are held.
    assert (np.mean(agreement, axis=0) > 0.4).all()
    assert np.mean(standard_deviation) > 0.3


def test_rates_of_missing_answers_and_grades(count):
    missing, race = simulation().missing, simulation().race
    groups = [race.focal, race.reference, DEFAULT]
    skippable = np.isin([name for name, _ in ITEMS.values()], missing.skipped_scales)
    draws, skipped = [], []
    for tables, truth in studies(count):
        answers = tables["students"][list(ITEMS)].to_numpy(float, na_value=np.nan)
        purposeful = answers == missing.skipped_code
        gone = np.isnan(answers) | purposeful
        skipped.append(purposeful[:, skippable].sum() / gone[:, skippable].sum())
        assert not purposeful[:, ~skippable].any()
        share = tables["students"][list(missing.records)].isna().assign(items=gone.mean(axis=1))
        group = truth.students["group"]
        group = group.where(group.isin(groups), DEFAULT)
        draws.append(share.groupby(group).mean().loc[groups])
    rates = [*missing.records.values(), missing.items]
    assert_reproduced(draws, [[rate[group] for rate in rates] for group in groups])
    assert_reproduced(skipped, missing.skipped_share)
