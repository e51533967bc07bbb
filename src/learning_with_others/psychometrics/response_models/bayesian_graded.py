"""The Bayesian graded response model in plain PyMC, and the table of its items.

PyMC and ArviZ are imported where they are used: only the full profile fits this model.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import MISSING, Answers

if TYPE_CHECKING:
    import pymc as pm

FEWEST_ITEMS = 3
COLUMNS = [
    "parameter", "item", "threshold", "children", "mean", "sd", "lower", "upper", "mcse", "sd_mcse",
    "rhat", "ess_bulk", "ess_tail",
]  # fmt: skip
INTERVAL_KIND = "equal-tailed credible"


def graded_model(answers: Answers) -> "pm.Model":
    r"""Write the model of answers to one scale, items drawn from a common distribution.

    .. math::
        P(X_{pi} \ge c \mid \theta_p) = \mathrm{logit}^{-1} a_i (\theta_p - b_{ic}), \quad
        \theta_p \sim N(0, 1)

    Each item has a log slope, a location (the mean of its thresholds) and log gaps between
    neighbouring thresholds. Each of the three is normal around a centre that all items share: they
    borrow from each other, and thresholds keep their order. A log slope of 0.4 is a loading of .64.

    Parameters
    ----------
    answers : Answers
        Rows without any answer are left out.

    Returns
    -------
    pymc.Model
        Its `slope` (item) is on the logistic metric without 1.7, its `threshold` (item, number) in
        sd of the trait.

    Raises
    ------
    CompendiumError
        If there are fewer than three items.

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17.
    """
    if len(answers.items) < FEWEST_ITEMS:
        raise CompendiumError(
            f"{len(answers.items)} items: their slopes would rest on the priors alone",
            where=f"items {', '.join(answers.items)}",
            remedy=f"use a scale of {FEWEST_ITEMS} items or more, or its mean score",
        )
    import pymc as pm  # noqa: PLC0415 - seconds, in the full profile only
    from pytensor import tensor as pt  # noqa: PLC0415

    codes, steps = answers.codes[answers.answered], answers.categories - 1
    person, item = np.nonzero(codes != MISSING)
    answer, number = codes[person, item].astype(int), np.arange(steps.max())
    used = number < steps[:, None]  # thresholds; the others, of items of fewer answers, count not
    above = np.where(answer == steps[item], len(number) + 1, answer + 1)
    with pm.Model(coords={"item": list(answers.items), "number": number + 1}) as model:

        def items(name: str, centre: tuple, sd: float, dims: int | tuple) -> pt.TensorVariable:
            middle = pm.Normal(f"{name} centre", *centre)
            # Log-normal: away from zero, since items do differ.
            return pm.Normal(name, middle, pm.LogNormal(f"{name} sd", np.log(sd), 0.5), shape=dims)

        slope = pm.Deterministic(
            "slope", pt.exp(items("log slope", (0.4, 0.5), 0.4, len(steps))), dims="item"
        )
        location = items("location", (0.0, 1.0), 1.0, (len(steps), 1))
        gaps = pt.exp(items("log gap", (0.0, 0.5), 0.5, (len(steps), len(number) - 1)))
        height = pt.concatenate([pt.zeros((len(steps), 1)), pt.cumsum(gaps, axis=1)], axis=1)
        height -= (height * used).sum(axis=1, keepdims=True) / steps[:, None]
        threshold = pm.Deterministic("threshold", location + height, dims=("item", "number"))
        trait = pm.Normal("trait", 0.0, 1.0, shape=len(codes))

        ends = np.full((len(steps), 1), np.inf)
        ends = pt.concatenate([-ends, slope[:, None] * threshold, ends], axis=1)
        level = slope[item] * trait[person]
        low, high = ends[item, answer], ends[item, above]
        # log(F(high) − F(low)) for the logistic F, written so that it loses no digits.
        likelihood = -pt.softplus(level - high) - pt.softplus(low - level) + pt.log1mexp(low - high)
        pm.Potential("answers", likelihood.sum())
    return model


def bayesian_item_table(fit: xr.DataTree, answers: Answers, probability: float) -> pd.DataFrame:
    """Summarize the draws of every item's slope and thresholds.

    Parameters
    ----------
    fit : xarray.DataTree
        Draws of `graded_model`.
    answers : Answers
    probability : float
        Of the equal-tailed credible interval.

    Returns
    -------
    pandas.DataFrame
        Columns `parameter` (slope, threshold), `item`, `threshold` (its number, 0 for slopes),
        `children` (who answered), `mean, sd, lower, upper, mcse` (of the mean), `sd_mcse, rhat,
        ess_bulk, ess_tail` (Vehtari et al. 2021).
    """
    import arviz_stats as az  # noqa: PLC0415

    found = az.summary(
        fit, ["slope", "threshold"], ci_prob=probability, ci_kind="eti", round_to="none"
    )
    found = found.rename(columns={"mcse_mean": "mcse", "mcse_sd": "sd_mcse", "r_hat": "rhat"})
    found.columns = found.columns.str.replace(r"eti.*_lb", "lower", regex=True)
    found.columns = found.columns.str.replace(r"eti.*_ub", "upper", regex=True)
    label = r"(?P<parameter>\w+)\[(?P<item>.*?)(?:, (?P<threshold>\d+))?\]$"
    names = found.index.str.extract(label)
    names["threshold"] = pd.to_numeric(names["threshold"]).fillna(0).astype(int)
    table = pd.concat([names, found.reset_index(drop=True)], axis=1)
    table["children"] = int(answers.answered.sum())
    most = dict(zip(answers.items, answers.categories - 1, strict=True))
    table = table[table["threshold"] <= table["item"].map(most)].reset_index(drop=True)
    return table[COLUMNS]
