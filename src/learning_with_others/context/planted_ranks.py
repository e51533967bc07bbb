"""The ranks and shares that a simulation planted, beside the estimates."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from learning_with_others.context.teacher_survey import TEACHERS, ContextItems
from learning_with_others.data.synthetic.generate import generate_with_truth
from learning_with_others.data.synthetic.planted_answers import answer_probabilities
from learning_with_others.inference.rank_sets import ranks_of
from learning_with_others.study import StudyDesign
from learning_with_others.study.simulation import Simulation

SETS = "marginal_lower marginal_upper simultaneous_lower simultaneous_upper".split()
COLUMNS = [
    *("among", "construct", "item", "teachers", "rank", *SETS, "planted", "inside"),
    *("share", "share_lower", "share_upper", "planted_share"),
]


def planted_ranks(
    ranks: pd.DataFrame | None,
    shares: pd.DataFrame | None,
    items: ContextItems | None,
    tables: Mapping[str, pd.DataFrame],
    simulation: Simulation | None,
    study: StudyDesign,
) -> pd.DataFrame | None:
    """Put the planted rank and the planted share who agree beside every estimate.

    `ranks` and `shares` are from `item_ranks` and `agreement_shares`.

    Returns
    -------
    pandas.DataFrame or None
        Columns `among, construct, item, teachers, rank, marginal_lower, …, planted, inside`
        (whether both sets hold the planted rank)`, share, share_lower, share_upper,
        planted_share`. None unless the table of teachers is the one that the declared truth and
        seed of a synthetic study give.
    """
    if ranks is None or shares is None or items is None or simulation is None:
        return None
    generated, truth = generate_with_truth(simulation, simulation.seed)
    if not _same(tables[TEACHERS], generated[TEACHERS], list(items.construct)):
        return None
    planted = planted_values(items, simulation, truth.teacher_schools, study)
    table = ranks.merge(planted, on="item")
    by_group = table.groupby("among", sort=False)["planted_mean"]
    lowest = by_group.transform(lambda means: ranks_of(means.to_numpy()))
    highest = by_group.transform(lambda means: len(means) + 1 - ranks_of(-means.to_numpy()))
    inside = (lowest >= table[["marginal_lower", "simultaneous_lower"]].max(axis=1)) & (
        highest <= table[["marginal_upper", "simultaneous_upper"]].min(axis=1)
    )
    own = ["share", "share_lower", "share_upper"]
    beside = shares.set_index("item")[["estimate", "lower", "upper"]].set_axis(own, axis=1)
    table = table.assign(planted=lowest, inside=np.where(inside, "yes", "no"))
    return table.merge(beside, on="item")[COLUMNS]


def planted_values(
    items: ContextItems, simulation: Simulation, added: pd.DataFrame, study: StudyDesign
) -> pd.DataFrame:
    """Give the true mean answer and the true share who agree, of each item that was planted.

    Of these schools, weighted by their teachers, where schools are fixed; of all schools like
    these where schools stand for others. `added` is what each school (row) adds to each scale.

    Returns
    -------
    pandas.DataFrame
        Columns `item, planted_mean, planted_share`.
    """
    teachers = simulation.teachers
    known = {item: (name, x) for name, of in teachers.scales.items() for item, x in of.items()}
    weight = items.school.value_counts(normalize=True).reindex(added.index).fillna(0.0)
    rows = []
    for item in filter(known.__contains__, items.construct):
        scale, declared = known[item]
        if items.schools_are_sampled:
            shares = answer_probabilities(declared)
        else:
            own = answer_probabilities(declared, added[scale].to_numpy(), teachers.school_share)
            shares = weight.to_numpy() @ own
        codes = np.arange(1.0, len(declared.thresholds) + 2)
        if item in study.constructs[items.construct[item]].all_reversed:
            codes = sum(items.points[item]) - codes
        rows.append((item, shares @ codes, shares[codes > items.middle[item]].sum()))
    return pd.DataFrame(rows, columns=["item", "planted_mean", "planted_share"])


def _same(table: pd.DataFrame, generated: pd.DataFrame, names: list[str]) -> bool:
    """Whether a study's answers are those that its declared truth and seed give."""
    if len(table) != len(generated) or not set(names) <= set(generated):
        return False
    ours, theirs = (each[names].astype(float).to_numpy() for each in (table, generated))
    return np.array_equal(ours, theirs, equal_nan=True)
