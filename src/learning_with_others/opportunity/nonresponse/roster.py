"""The roster: who could have answered, and how those were sampled."""

import numpy as np
import pandas as pd

from learning_with_others.opportunity.cluster_design import ClusterDesign, cluster_design
from learning_with_others.study import Study


def could_answer(roster: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows with a school, and a classroom where the roster records them.

    Who has none could not have been asked: the students' rows without one enter nothing either.
    """
    recorded = [column for column in study.roles.clusters.values() if column in roster]
    return roster.dropna(subset=recorded).reset_index(drop=True)


def roster_design(rows: pd.DataFrame, study: Study) -> ClusterDesign:
    """Clusters and weights as far as the roster records them."""
    roles = study.roles
    if roles.school not in rows:
        one, ones = np.zeros(len(rows), dtype=int), np.ones(len(rows))
        return ClusterDesign(one, np.zeros(1, dtype=int), ones, "schools recorded")
    there = {name: getattr(roles, name) for name in ("weight", "classroom")}
    recorded = {name: column if column in rows else None for name, column in there.items()}
    limited = study.model_copy(update={"roles": roles.model_copy(update=recorded)})
    return cluster_design(rows, limited)
