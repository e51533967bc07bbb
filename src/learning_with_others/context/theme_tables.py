"""Themes of focus groups and interviews: how often, with what feeling, and what speaks against."""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.data.disclosure.quotations import VOICES, fewest_people
from learning_with_others.data.measures.excerpts import NEGATIVE, POSITIVE, one_coding
from learning_with_others.data.measures.theme_codebook import HELPS, HINDERS
from learning_with_others.study.analysis import Analysis

INTERVAL_KIND = "t over sessions"
OF_PASSAGE = ["excerpt", "document", "session", "source", "group", "speaker"]
COUNTED = ["passages", "rate", "lower", "upper", "net", "net_lower", "net_upper"]
RATES = ["source", "group", "theme", "direction", "sessions", "heard_in", *COUNTED, "flag"]
THEME = "theme: "
FAVOURABLE, UNFAVOURABLE, BALANCED = "mostly favourable", "mostly unfavourable", "balanced"
NO_SIDE = "no passage takes a side"


def passage_table(excerpts: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Give one row a passage, as one coder coded it.

    Returns
    -------
    pandas.DataFrame
        Columns `excerpt, document, session, source, group, speaker`, then `theme: <name>` for every
        theme: missing where the passage does not speak of it, else 1 if favourably, -1 if not, and
        0 between. Where passages have no sentiment, a theme that helps is favourable and one that
        hinders is not.
    """
    coded = one_coding(excerpts)
    valence = coded["sentiment"].map({POSITIVE: 1.0, NEGATIVE: -1.0})
    if coded["sentiment"].isna().all():
        direction = themes.set_index("theme")["direction"].map({HELPS: 1.0, HINDERS: -1.0})
        valence = coded["theme"].map(direction)
    valence = valence.fillna(0.0)
    passages = coded.drop_duplicates("excerpt")[OF_PASSAGE].reset_index(drop=True)
    by_theme = {
        THEME + name: passages["excerpt"].map(
            valence[coded["theme"] == name].groupby(coded["excerpt"]).mean()
        )
        for name in themes["theme"]
    }
    return passages.assign(**by_theme)


def session_table(passages: pd.DataFrame) -> pd.DataFrame:
    """Count sessions and passages by source and group."""
    found = passages.groupby(["source", "group"], sort=False).agg(
        sessions=("session", "nunique"), passages=("excerpt", "size")
    )
    return found.reset_index()


def theme_rates(
    passages: pd.DataFrame, themes: pd.DataFrame, flags: dict[str, str], analysis: Analysis
) -> pd.DataFrame:
    """Give each theme's passages per session, by source and group.

    `flags` say what is to be said of coders' agreement on a theme.

    Returns
    -------
    pandas.DataFrame
        Columns `source, group, theme, direction, sessions, heard_in` (sessions with the theme),
        `passages, rate, lower, upper, net, net_lower, net_upper, flag`. `net` is favourable less
        unfavourable passages per session, missing where no passage on the theme takes a side in
        the whole study. A theme has a row wherever its source speaks of it.

    Notes
    -----
    Sessions are the unit: intervals are Student's t over the sessions' numbers of passages, as if
    the sessions were a sample of such sessions, and a rate's interval ends at zero. What people
    bring up is salience, not how many of them think so. Passages are not people, and their numbers
    are exact; but a few may be the words of one person, so that fewer than the minimum are left
    out, and with them the next larger numbers of the same sessions, until those left out sum to
    twice the minimum: themes may be all that the sessions' passages speak of. Nothing is given of
    sessions in which fewer than three people can have spoken, however much they said: it would be
    one person's view.
    """
    probability, rows = analysis.interval_probability, []
    for (source, group), mine in passages.groupby(["source", "group"], sort=False):
        of_source = passages[passages["source"] == source]
        for theme, direction in themes[["theme", "direction"]].to_numpy():
            if of_source[THEME + theme].isna().all():
                continue
            valence = mine[THEME + theme]
            by_session = valence.groupby(mine["session"])
            spoken, net = by_session.count(), by_session.sum()
            if not _takes_sides(passages[THEME + theme]):
                net = net * np.nan
            heard = (len(spoken), int((spoken > 0).sum()), int(spoken.sum()))
            rate, lower, upper = _mean_of_sessions(spoken, probability)
            nets = _mean_of_sessions(net, probability)
            found = (*heard, rate, max(lower, 0.0), upper, *nets, flags.get(theme, ""))
            rows.append((source, group, theme, direction, *found))
    table = pd.DataFrame(rows, columns=RATES)
    if table.empty:
        return table
    whole = table.groupby(["source", "group"])["passages"]
    hidden = whole.transform(left_out, minimum=analysis.minimum_cell).astype(bool)
    alone = _of_one_or_two(passages, analysis.minimum_cell)
    hidden |= pd.Series([who in alone for who in zip(table["source"], table["group"], strict=True)])
    return table.assign(**{name: table[name].mask(hidden) for name in COUNTED})


def _of_one_or_two(passages: pd.DataFrame, minimum: int) -> set[tuple[str, str]]:
    """Sources and groups whose passages may all be of one or two people."""
    who = passages.groupby(["source", "group"])
    return {name for name, rows in who if _are_of_one_or_two(rows, minimum)}


def _are_of_one_or_two(passages: pd.DataFrame, minimum: int) -> bool:
    return fewest_people(passages) < min(VOICES, minimum)


def _takes_sides(valence: pd.Series) -> bool:
    """Whether any passage is favourable or unfavourable: without sentiment or direction none is."""
    return bool(valence.abs().gt(0).any())


def left_out(counts: pd.Series, minimum: int) -> pd.Series:
    """Say which parts of a known total are left out, so that no small one can be worked out."""
    few = counts.between(1, minimum - 1)
    if not few.any():
        return few
    ordered = counts[counts > 0].sort_values(kind="stable")
    before = ordered.cumsum().shift(fill_value=0)
    return few | (before < 2 * minimum).reindex(counts.index, fill_value=False)


def _without_few(table: pd.DataFrame, column: str, minimum: int) -> pd.DataFrame:
    """Leave out small numbers of passages that are parts of no known total."""
    return table.assign(**{column: table[column].mask(table[column].between(1, minimum - 1))})


def _mean_of_sessions(values: pd.Series, probability: float) -> tuple[float, float, float]:
    """Mean and its interval; no interval of one session."""
    mean, count = float(values.mean()), len(values)
    if count == 1:
        return mean, np.nan, np.nan
    reach = stats.t.ppf((1 + probability) / 2, count - 1) * values.std() / np.sqrt(count)
    return mean, mean - reach, mean + reach


def cooccurrence(passages: pd.DataFrame, themes: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Count passages and sessions that speak of two themes (`both, sessions_both`), by source.

    Pairs that some passage speaks of, of sources in which three people can have spoken. How many
    passages speak of either is not given: several such numbers would tell the few passages of one
    group.
    """
    rows = []
    for source, mine in passages.groupby("source", sort=False):
        if _are_of_one_or_two(mine, minimum):
            continue
        spoken = {name: mine[THEME + name].notna() for name in themes["theme"]}
        heard = [name for name, has in spoken.items() if has.any()]
        for first, second in combinations(heard, 2):
            both = int((spoken[first] & spoken[second]).sum())
            sessions = [set(mine["session"][spoken[name]]) for name in (first, second)]
            if both:
                rows.append((source, first, second, both, len(sessions[0] & sessions[1])))
    columns = ["source", "first", "second", "both", "sessions_both"]
    return _without_few(pd.DataFrame(rows, columns=columns), "both", minimum)


def saturation(passages: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Say when each source stopped bringing up new themes.

    Returns
    -------
    pandas.DataFrame
        Columns `source, place` (of the session in the order of the file, from "1"; no name),
        `new, so_far` (themes) and `share_so_far` of all themes that the source brings up.

    References
    ----------
    Guest, G., Bunce, A. and Johnson, L. (2006). How many interviews are enough? An experiment with
    data saturation and variability. Field Methods 18, 59-82.
    """
    rows = []
    for source, mine in passages.groupby("source", sort=False):
        heard: set[str] = set()
        spoken = {name: mine[THEME + name].notna() for name in themes["theme"]}
        every = sum(has.any() for has in spoken.values())
        for place, session in enumerate(mine["session"].unique(), 1):
            here = mine["session"] == session
            now = {name for name, has in spoken.items() if has[here].any()}
            new, heard = len(now - heard), heard | now
            rows.append((source, str(place), new, len(heard), len(heard) / every))
    return pd.DataFrame(rows, columns=["source", "place", "new", "so_far", "share_so_far"])


def negative_cases(passages: pd.DataFrame, themes: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Say what speaks against the pattern of each theme, source and group.

    Returns
    -------
    pandas.DataFrame
        Columns `source, group, theme, pattern` (whether most of its passages that take a side are
        favourable, or that none takes one), `against` (passages on the other side), `sessions,
        sessions_against` (those in which most passages are on the other side). No row for sessions
        in which fewer than three people can have spoken.

    References
    ----------
    Lincoln, Y. S. and Guba, E. G. (1985). Naturalistic inquiry, 309-313 (negative case analysis).
    """
    rows, alone = [], _of_one_or_two(passages, minimum)
    for (source, group), mine in passages.groupby(["source", "group"], sort=False):
        for theme in themes["theme"] if (source, group) not in alone else ():
            valence = mine[THEME + theme]
            if valence.isna().all():
                continue
            side = np.sign(valence.sum())
            by_session = valence.groupby(mine["session"]).sum()
            even = BALANCED if _takes_sides(valence) else NO_SIDE
            pattern = {1.0: FAVOURABLE, -1.0: UNFAVOURABLE}.get(side, even)
            against, sessions = (
                int((np.sign(each) == -side).sum()) if side else none
                for each, none in ((valence, np.nan), (by_session, 0))
            )
            rows.append((source, group, theme, pattern, against, len(by_session), sessions))
    columns = ["source", "group", "theme", "pattern", "against", "sessions", "sessions_against"]
    return _without_few(pd.DataFrame(rows, columns=columns), "against", minimum)
