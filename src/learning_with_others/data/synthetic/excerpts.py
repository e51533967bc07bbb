"""Coded excerpts of focus groups and interviews: themes and sentiments, no words."""

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.roster import draw_categories
from learning_with_others.study.simulation import Excerpts

SENTIMENTS = np.array(["negative", "neutral", "positive"])


def draw_excerpts(
    excerpts: Excerpts, schools: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the coded excerpts; sessions go round the schools.

    Returns
    -------
    pandas.DataFrame
        `excerpt, session, school, source, group, theme, sentiment`.
    """
    sessions = [
        (source, group)
        for source, groups in excerpts.sessions.items()
        for group, count in groups.items()
        for _ in range(count)
    ]
    session = np.repeat(np.arange(len(sessions)), excerpts.per_session)
    group = np.array([name for _, name in sessions])[session]
    theme, negative = _draw_themes(excerpts, group, rng)
    neutral = excerpts.neutral * (1 - negative)
    weights = np.column_stack([negative, neutral, 1 - negative - neutral])
    return pd.DataFrame(
        {
            "excerpt": [f"E{number:03d}" for number in range(1, len(session) + 1)],
            "session": [f"G{number + 1:02d}" for number in session],
            "school": schools[session % len(schools)],
            "source": np.array([source for source, _ in sessions])[session],
            "group": group,
            "theme": theme,
            "sentiment": SENTIMENTS[draw_categories(weights, rng)],
        }
    )


def _draw_themes(
    excerpts: Excerpts, group: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Theme of each excerpt, and the share of that theme that is negative in its group."""
    groups, position = np.unique(group, return_inverse=True)
    themes = np.array(sorted({name for of in excerpts.themes.values() for name in of}))
    table = [[excerpts.themes[name].get(theme) for theme in themes] for name in groups]
    weight = np.array([[cell.weight if cell else 0.0 for cell in row] for row in table])
    negative = np.array([[cell.negative if cell else 0.0 for cell in row] for row in table])
    theme = draw_categories(weight[position], rng)
    return themes[theme], negative[position, theme]
