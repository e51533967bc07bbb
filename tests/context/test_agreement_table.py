"""Agreement on themes as the stage gives it: hand counts, and planted misreading."""

import numpy as np
import pandas as pd
import pytest
from deep import DOZEN, dozen_or, keep
from many_studies import FOLDER, simulation

from learning_with_others.context.coder_agreement import (
    ALL,
    UNDER,
    UNKNOWN,
    agreement_flags,
    agreement_table,
    use_table,
)
from learning_with_others.data.synthetic.coded_passages import draw_excerpts
from learning_with_others.study import load_study

SCHOOLS = np.array(list("ABCD"))
FEW_RESAMPLES = 400
# Coders rarely disagree on most themes, and those studies have no interval: what is measured of
# eight documents, all themes together.
BANDS = {200: (178, 197), DOZEN: (9, DOZEN)}


@pytest.fixture(scope="module")
def design():
    return load_study(FOLDER).design


def coded(seed, sessions=1, twice=None):
    declared = simulation().excerpts
    counts = {
        source: {group: sessions * count for group, count in groups.items()}
        for source, groups in declared.sessions.items()
    }
    changes = {"sessions": counts, "coded_twice": twice or declared.coded_twice}
    return draw_excerpts(declared.model_copy(update=changes), SCHOOLS, np.random.default_rng(seed))


def table_of(excerpts, design, resamples=FEW_RESAMPLES):
    return agreement_table(excerpts, design, resamples).set_index("theme")


@pytest.fixture(scope="module")
def planted(design):
    """Agreement in 1,440 sessions coded twice: the truth, to about .007."""
    return table_of(coded(1, sessions=60, twice=1), design, resamples=2)["alpha"]


def test_the_theme_that_is_misread_most_has_the_least_agreement(planted):
    misread = simulation().excerpts.misread
    worst = max(misread, key=misread.get)
    assert planted.idxmin() == worst
    assert planted[worst] < 0.7
    assert planted.drop(worst).min() > 0.75


@pytest.mark.parametrize("count", dozen_or(200))
def test_planted_agreement_of_the_synthetic_study_is_recovered(planted, design, count):
    tables = [table_of(coded(seed), design) for seed in range(count)]
    themes = [*simulation().excerpts.misread, ALL]
    values = [[table["alpha"].get(theme, np.nan) for theme in themes] for table in tables]
    # A ratio of sums of four documents is biased; over all studies by less than this.
    found = np.nanmean(values, axis=0)
    error = np.nanstd(values, axis=0) / np.sqrt(count)
    assert (np.abs(found - planted[themes]) < 4 * error + 0.02).all()
    pooled = [table.loc[ALL] for table in tables]
    hits = sum(bool(row["alpha_lower"] <= planted[ALL] <= row["alpha_upper"]) for row in pooled)
    assert BANDS[count][0] <= hits <= BANDS[count][1]
    flagged = {
        theme: sum(bool(table["flag"].get(theme) == UNDER) for table in tables) for theme in themes
    }
    assert max(flagged, key=flagged.get) == planted.idxmin()
    keep("coder_agreement_of_the_synthetic_study", count, covered=hits, flagged=flagged,
         planted={theme: float(planted[theme]) for theme in themes})  # fmt: skip


def small():
    """Two sources; theme t is spoken of in both, u and v in interviews only."""
    rows = [
        ("d", "e1", "t", "A", "focus group"), ("d", "e1", "t", "B", "focus group"),
        ("d", "e2", "t", "A", "focus group"),
        ("i", "e3", "u", "A", "interview"), ("i", "e3", "u", "B", "interview"),
        ("i", "e4", "t", "A", "interview"), ("i", "e4", "u", "B", "interview"),
        ("j", "e5", "v", "A", "interview"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["document", "excerpt", "theme", "coder", "source"])


def test_a_theme_is_judged_in_the_sources_that_speak_of_it(design):
    table = table_of(small(), design)
    assert table["segments"].to_dict() == {"t": 4, "u": 2, "v": 2, ALL: 4}
    assert table["documents"].to_dict() == {"t": 2, "u": 1, "v": 1, ALL: 2}
    # t: agreed on e1 and on its absence in e3, not on e2 and e4; u: e3 and not e4.
    assert table["share"].to_dict() == {"t": 2 / 4, "u": 1 / 2, "v": 1, ALL: 3 / 6}
    # A has t in 3 of 4 and B in 1: Cohen 0.5 − (3/16 + 3/16) over 1 − 6/16.
    assert table.loc["t", "kappa"] == pytest.approx((0.5 - 6 / 16) / (1 - 6 / 16))
    assert table.loc["t", "kappa_of"] == "Cohen"


def test_a_theme_that_nobody_used_in_what_was_coded_twice_is_not_known(design):
    table = agreement_table(small(), design, FEW_RESAMPLES)
    assert agreement_flags(table)["v"] == UNKNOWN
    assert ALL not in agreement_flags(table)


def test_themes_of_the_codebook_that_nobody_used_stand_in_their_order(design):
    table = agreement_table(small(), design, FEW_RESAMPLES, themes=["w", "u"])
    assert table["theme"].tolist() == ["w", "u", "t", "v", ALL]
    assert table.set_index("theme").loc["w", ["segments", "flag"]].tolist() == [0, UNKNOWN]


def test_one_coder_leaves_every_agreement_unknown(design):
    excerpts = small()
    table = agreement_table(excerpts[excerpts["coder"] == "A"], design, FEW_RESAMPLES)
    assert set(table["flag"]) == {UNKNOWN}
    assert set(table["reason"]) == {"no segment was coded twice"}
    assert use_table(excerpts[excerpts["coder"] == "A"]).empty


def test_no_passages_give_no_rows(design):
    assert agreement_table(small().iloc[:0], design, FEW_RESAMPLES).empty
    assert use_table(small().iloc[:0]).empty


def test_three_coders_get_fleiss_and_coders_without_a_source_one_of_all(design):
    third = small().query("coder == 'B' and document == 'd'").assign(coder="C")
    table = table_of(pd.concat([small(), third]).drop(columns="source"), design)
    assert set(table["kappa_of"]) == {"Fleiss"}
    assert table.loc["t", "coders"] == 3
    assert table.loc["u", "segments"] == 4


def test_use_is_counted_by_coder_without_their_names():
    used = use_table(small()).set_index(["theme", "coder"])
    assert used.loc[("t", "coder 1"), ["segments", "used", "share_used"]].tolist() == [4, 3, 0.75]
    assert used.loc[("t", "coder 2"), "used"] == 1
    assert not used.reset_index()["coder"].isin(["A", "B"]).any()
    few = use_table(small(), minimum=2).set_index(["theme", "coder"])
    assert few.loc[("t", "coder 2"), ["used", "share_used"]].isna().all()
    assert few.loc[("t", "coder 1"), "used"] == 3
