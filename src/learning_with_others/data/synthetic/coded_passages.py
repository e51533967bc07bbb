"""What is said in the synthetic focus groups and interviews, and how two coders code it."""

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.roster import draw_categories
from learning_with_others.study.simulation import SENTIMENTS, Excerpts

BETWEEN = 60  # code points of a transcript between two passages


def draw_excerpts(
    excerpts: Excerpts, schools: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw coded passages; sessions go round the schools, and each is one document.

    The first coder codes every passage with the themes that it speaks of; the second codes every
    `coded_twice`-th document, and takes a theme for another of the same sessions as often as
    `misread` says.

    Returns
    -------
    pandas.DataFrame
        One row a passage, theme and coder: `excerpt, document, session, school, source, group,
        speaker, theme, coder, text, start, end, sentiment`.
    """
    sessions = [
        (source, group)
        for source, groups in excerpts.sessions.items()
        for group, count in groups.items()
        for _ in range(count)
    ]
    session = np.repeat(np.arange(len(sessions)), excerpts.per_session)
    source, group = (np.array(part, dtype=object)[session] for part in zip(*sessions, strict=True))
    themes = np.array(sorted({name for of in excerpts.themes.values() for name in of}))
    weight, negative = _by_group(excerpts, group, themes)

    first = draw_categories(weight, rng)
    second = draw_categories(_without(weight, first), rng)
    both = rng.random(len(first)) < excerpts.second_theme
    passage = np.concatenate([np.arange(len(first)), np.flatnonzero(both)])
    theme = np.concatenate([first, second[both]])
    feeling = _draw_sentiments(excerpts, negative[passage, theme], rng)

    said = _draw_texts(excerpts, source, passage, themes[theme], feeling, rng)
    length = np.array([len(text) for text in said])
    within = np.arange(len(session)) % excerpts.per_session
    ends = np.cumsum((length + BETWEEN).reshape(-1, excerpts.per_session), axis=1).ravel() - BETWEEN
    speakers = np.array([excerpts.speakers[name] for name in source])
    passages = pd.DataFrame(
        {
            "excerpt": [f"E{number + 1:03d}" for number in range(len(session))],
            "document": [f"transcript {number + 1:02d}" for number in session],
            "session": [f"G{number + 1:02d}" for number in session],
            "school": schools[session % len(schools)],
            "source": source,
            "group": group,
            "speaker": [
                f"G{number + 1:02d}-{place % of + 1}"
                for number, place, of in zip(session, within, speakers, strict=True)
            ],
            "text": said,
            "start": ends - length,
            "end": ends,
        }
    )
    codes = pd.DataFrame({"passage": passage, "theme": themes[theme], "sentiment": feeling})
    again = codes[session[passage] % excerpts.coded_twice == 0]
    read = _misread(excerpts, again, weight, themes, rng)
    coded = pd.concat(
        [part.assign(coder=name) for part, name in zip((codes, read), excerpts.coders, strict=True)]
    ).sort_values(["passage", "coder", "theme"])
    rows = passages.iloc[coded["passage"]].reset_index(drop=True)
    rows[["theme", "coder", "sentiment"]] = coded[["theme", "coder", "sentiment"]].to_numpy()
    columns = ["theme", "coder", "text", "start", "end", "sentiment"]
    return rows[[*passages.columns[:7], *columns]]


def _by_group(
    excerpts: Excerpts, group: np.ndarray, themes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weight of each theme in each passage, and the share of it that is negative."""
    groups, position = np.unique(group.astype(str), return_inverse=True)
    table = [[excerpts.themes[name].get(theme) for theme in themes] for name in groups]
    weight = np.array([[cell.weight if cell else 0.0 for cell in row] for row in table])
    negative = np.array([[cell.negative if cell else 0.0 for cell in row] for row in table])
    return weight[position], negative[position]


def _without(weight: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Weights with the theme taken already set to 0."""
    left = weight.copy()
    left[np.arange(len(left)), taken] = 0
    return left


def _draw_sentiments(
    excerpts: Excerpts, negative: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    neutral = excerpts.neutral * (1 - negative)
    weights = np.column_stack([negative, neutral, 1 - negative - neutral])
    return np.array(SENTIMENTS, dtype=object)[draw_categories(weights, rng)]


def _draw_texts(
    excerpts: Excerpts,
    source: np.ndarray,
    passage: np.ndarray,
    theme: np.ndarray,
    feeling: np.ndarray,
    rng: np.random.Generator,
) -> list[str]:
    """Make each passage's words from an opening and a phrase for each of its themes."""
    phrases: list[list[str]] = [[] for _ in source]
    for place, name, sentiment in zip(passage, theme, feeling, strict=True):
        phrases[place].append(str(rng.choice(excerpts.phrases[name][sentiment])))
    openings = [str(rng.choice(excerpts.openings[name])) for name in source]
    return [
        f"{opening} {', and '.join(said)}." for opening, said in zip(openings, phrases, strict=True)
    ]


def _misread(
    excerpts: Excerpts,
    codes: pd.DataFrame,
    weight: np.ndarray,
    themes: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """What the second coder records; a theme taken for one recorded already is recorded once."""
    place = np.searchsorted(themes, codes["theme"].to_numpy(str))
    other = draw_categories(_without(weight[codes["passage"]], place), rng)
    rate = np.array([excerpts.misread[name] for name in themes])[place]
    read = np.where(rng.random(len(codes)) < rate, other, place)
    return codes.assign(theme=themes[read]).drop_duplicates(["passage", "theme"])
