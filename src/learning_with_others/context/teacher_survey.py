"""What teachers say helps or hinders: shares who agree, and the ranking of items."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import constructs_of, keyed_items
from learning_with_others.inference.joint_means import JointMeans, joint_means
from learning_with_others.inference.rank_sets import (
    could_be_among,
    rank_sets,
    ranks_of,
    value_draws,
)
from learning_with_others.study import StudyDesign

TEACHERS, CONTEXT = "teachers", "context"  # the table, and the domain of its constructs
ALL_ITEMS = "all items"
TOP = 3
FEWEST = 2  # items to rank, teachers for a variance


@dataclass(frozen=True)
class ContextItems:
    """Teachers' answers on the school context.

    Attributes
    ----------
    keyed : pandas.DataFrame, shape (teachers, items)
        Reversed items turned round; missing where not answered. Items without a single answer are
        left out, and so are teachers without a school.
    school : pandas.Series, shape (teachers,)
    construct : dict of str to str
        Item to its construct, in the order of the study.
    points : dict of str to tuple of float
        Item to the lowest and highest code of its answer scale.
    hinders : frozenset of str
        Constructs of which more is worse.
    """

    keyed: pd.DataFrame
    school: pd.Series
    construct: dict[str, str]
    points: dict[str, tuple[float, float]]
    hinders: frozenset[str]

    @property
    def middle(self) -> dict[str, float]:
        """Middle of each item's answer scale: who answered above it agrees."""
        return {item: sum(ends) / 2 for item, ends in self.points.items()}

    @property
    def schools_are_sampled(self) -> bool:
        """Whether schools stand for others: only where there are ten."""
        return self.school.nunique() >= FEWEST_SCHOOLS

    @property
    def agrees(self) -> pd.DataFrame:
        """1 where a teacher agrees, 0 where not, missing where not answered."""
        above = self.keyed.gt(pd.Series(self.middle)).astype(float)
        return above.where(self.keyed.notna())

    @property
    def scales(self) -> dict[str, list[str]]:
        """Items of each construct."""
        found: dict[str, list[str]] = {}
        for item, construct in self.construct.items():
            found.setdefault(construct, []).append(item)
        return found

    @property
    def ranked(self) -> dict[str, list[str]]:
        """Items that are ranked together: of each construct, and all where one scale holds them."""
        groups = self.scales
        if len(groups) > 1 and len(set(self.points.values())) == 1:
            groups[ALL_ITEMS] = list(self.construct)
        return {name: items for name, items in groups.items() if len(items) >= FEWEST}

    def means(self, values: pd.DataFrame) -> JointMeans:
        """Means of columns of teachers' values, as schools are fixed or sampled."""
        school, sampled = self.school[values.index].to_numpy(), self.schools_are_sampled
        return joint_means(values.to_numpy(float), school, sampled=sampled)


def context_items(
    tables: Mapping[str, pd.DataFrame], study: StudyDesign, columns: Mapping[str, dict[str, Column]]
) -> ContextItems | None:
    """Collect teachers' answers to the constructs of the domain `context`.

    None without teachers, or without an answer of theirs on the context. `columns` is the codebook.
    """
    scales = [
        s for s in constructs_of(study, TEACHERS) if study.constructs[s.name].domain == CONTEXT
    ]
    rows = tables.get(TEACHERS)
    if rows is None or not scales:
        return None
    rows = rows[rows[study.roles.school].notna()]
    own = columns[TEACHERS]
    keyed = pd.concat([keyed_items(rows, study, own, scale) for scale in scales], axis=1)
    keyed = keyed.astype(float).dropna(axis=1, how="all")
    if keyed.empty:
        return None
    construct = {item: scale.name for scale in scales for item in scale.items if item in keyed}
    codes = {item: [float(code) for code in own[item].codes] for item in keyed}
    points = {item: (min(each), max(each)) for item, each in codes.items()}
    hinders = frozenset(name for name in construct.values() if study.constructs[name].hinders)
    return ContextItems(keyed, rows[study.roles.school], construct, points, hinders)


def agreement_shares(items: ContextItems | None, study: StudyDesign) -> pd.DataFrame | None:
    """Share of teachers who agree with each item.

    Returns
    -------
    pandas.DataFrame or None
        Columns `construct, item, teachers, estimate, lower, upper, flag`, constructs in the order
        of the study, items from the largest share.
    """
    if items is None:
        return None
    agrees = items.agrees
    found = items.means(agrees)
    lower, upper = found.share_interval(study.analysis.interval_probability)
    table = pd.DataFrame(
        {
            "construct": list(items.construct.values()),
            "item": list(items.construct),
            "teachers": agrees.notna().sum().to_numpy(),
            "estimate": found.mean,
            "lower": lower,
            "upper": upper,
        }
    )
    table["flag"] = np.where(np.isfinite(lower), "", "no interval: too few teachers, or all alike")
    ordered = table.sort_values("estimate", ascending=False, kind="stable")
    by_scale = dict(iter(ordered.groupby("construct")))
    return pd.concat([by_scale[name] for name in items.scales], ignore_index=True)


def item_ranks(items: ContextItems | None, study: StudyDesign) -> pd.DataFrame | None:
    """Rank the items by their mean answer, rank 1 for the largest, and say how sure that is.

    One teacher answers all items, so the covariance between the means enters. Posterior ranks are
    those of draws under a flat prior with the same covariance (normal, or t where schools are
    few); equal answers share a rank.

    Returns
    -------
    pandas.DataFrame or None
        Columns `among` (a construct, or all items), `construct, item, teachers, mean, rank,
        marginal_lower, marginal_upper, simultaneous_lower, simultaneous_upper, posterior_rank,
        posterior_lower, posterior_upper, posterior_mcse, top_three, top_three_mcse,
        could_be_top_three`, in order of the ranks. Nothing is given for the top three of three
        items or fewer. None where there are not two items to rank.
    """
    if items is None or not items.ranked:
        return None
    parts = [_ranked_together(items, name, study) for name in items.ranked]
    some = any(part is not None for part in parts)
    return pd.concat(parts, ignore_index=True) if some else None


def _ranked_together(items: ContextItems, among: str, study: StudyDesign) -> pd.DataFrame | None:
    names = items.ranked[among]
    values = items.keyed[names]
    found = items.means(values)
    if not found.degrees > 0:
        return None
    given = {"degrees": found.degrees, "seed": study.analysis.seed}
    probability = study.analysis.interval_probability
    marginal, simultaneous = (
        rank_sets(found.mean, found.covariance, simultaneous=both, probability=probability, **given)
        for both in (False, True)
    )
    drawn = ranks_of(value_draws(found.mean, found.covariance, **given))
    tail = (1 - probability) / 2
    lower, upper = np.quantile(drawn, [tail, 1 - tail], axis=0, method="inverted_cdf")
    top = (drawn <= TOP).mean(axis=0)
    table = pd.DataFrame(
        {
            "among": among,
            "construct": [items.construct[name] for name in names],
            "item": names,
            "teachers": values.notna().sum().to_numpy(),
            "mean": found.mean,
            "rank": ranks_of(found.mean),
            "marginal_lower": marginal.lower,
            "marginal_upper": marginal.upper,
            "simultaneous_lower": simultaneous.lower,
            "simultaneous_upper": simultaneous.upper,
            "posterior_rank": drawn.mean(axis=0),
            "posterior_lower": lower,
            "posterior_upper": upper,
            "posterior_mcse": drawn.std(axis=0) / np.sqrt(len(drawn)),
        }
    )
    few = len(names) <= TOP  # all are among the top three
    error = np.sqrt(np.maximum(top * (1 - top), 1 / len(drawn)) / len(drawn))
    possible = np.where(could_be_among(TOP, simultaneous), "yes", "no")
    return table.assign(
        top_three=np.nan if few else top,
        top_three_mcse=np.nan if few else error,
        could_be_top_three="" if few else possible,
    ).sort_values("rank", kind="stable", ignore_index=True)
