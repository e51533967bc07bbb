"""Tables of themes: sessions are the unit, and few passages are left out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from learning_with_others.context.theme_tables import (
    cooccurrence,
    left_out,
    negative_cases,
    passage_table,
    saturation,
    session_table,
    theme_rates,
)
from learning_with_others.data.measures.excerpts import COLUMNS, coded_excerpts
from learning_with_others.data.measures.theme_codebook import theme_codebook
from learning_with_others.study.analysis import Analysis

THEMES = theme_codebook(
    {
        "themes": pd.DataFrame(
            {"theme": ["exclusion", "relevance", "unused"], "direction": ["hinders", "helps", None]}
        )
    }
)


def analysis(minimum=1):
    return Analysis.model_construct(minimum_cell=minimum, interval_probability=0.9)


def coded(rows):
    """Passages `session, group, theme, sentiment`, a passage for each row unless it is named."""
    table = pd.DataFrame(rows, columns=["session", "group", "theme", "sentiment", "excerpt"])
    excerpt = table["excerpt"].where(table["excerpt"].notna(), "p" + table.index.astype(str))
    table = table.assign(excerpt=excerpt, source="focus group")
    return coded_excerpts({"excerpts": table})


def spoken(session, group, theme, sentiment, times):
    return [(session, group, theme, sentiment, None)] * times


FOUR = [
    *spoken("s1", "Black", "exclusion", "negative", 3),
    *spoken("s2", "Black", "exclusion", "negative", 1),
    *spoken("s2", "Black", "exclusion", "positive", 1),
    *spoken("s3", "Black", "relevance", "positive", 4),
    *spoken("s4", "White", "relevance", "neutral", 2),
]


def test_rates_are_means_over_sessions_with_students_t():
    table = theme_rates(passage_table(coded(FOUR), THEMES), THEMES, {}, analysis())
    row = table.set_index(["group", "theme"]).loc["Black", "exclusion"]
    counts, net = np.array([3, 2, 0]), np.array([-3, 0, 0])
    reach = stats.t.ppf(0.95, 2) * counts.std(ddof=1) / np.sqrt(3)
    assert row["rate"] == pytest.approx(5 / 3)
    assert row["upper"] == pytest.approx(5 / 3 + reach)
    assert row["lower"] == pytest.approx(max(0, 5 / 3 - reach))
    assert (row["sessions"], row["heard_in"], row["passages"]) == (3, 2, 5)
    assert row["net"] == pytest.approx(net.mean())


def test_one_session_has_no_interval_and_a_theme_nobody_spoke_of_no_row():
    table = theme_rates(passage_table(coded(FOUR), THEMES), THEMES, {}, analysis())
    alone = table[(table["group"] == "White") & (table["theme"] == "relevance")].iloc[0]
    assert alone["rate"] == 2
    assert np.isnan(alone[["lower", "upper"]].astype(float)).all()
    assert "unused" not in set(table["theme"])


def test_without_sentiment_the_direction_says_what_is_favourable():
    table = coded(FOUR).assign(sentiment=None)
    found = passage_table(table, THEMES)
    assert set(found["theme: exclusion"].dropna()) == {-1.0}
    assert set(found["theme: relevance"].dropna()) == {1.0}


def test_what_takes_no_side_is_neither_for_nor_against():
    """Without sentiment and direction nobody knows what is favourable: that is no balance."""
    table = coded(FOUR).assign(sentiment=None)
    neither = THEMES.assign(direction="neither")
    passages = passage_table(table, neither)
    rates = theme_rates(passages, neither, {}, analysis())
    assert rates[["net", "net_lower", "net_upper"]].isna().all(axis=None)
    assert rates["rate"].notna().all()
    assert set(negative_cases(passages, neither, 1)["pattern"]) == {"no passage takes a side"}


def test_what_two_coders_coded_counts_once():
    once = coded(FOUR)
    second = once[once["session"].isin(["s1", "s2"])].assign(coder="zweite", theme="relevance")
    twice = pd.concat([once.assign(coder="erste"), second])
    pd.testing.assert_frame_equal(passage_table(twice, THEMES), passage_table(once, THEMES))


def test_few_passages_are_left_out_with_what_would_tell_them():
    """Of a total of 48 with a part of 3: with 12 and 33 shown, 3 would follow."""
    rows = [
        *spoken("s1", "Black", "exclusion", "negative", 3),
        *spoken("s1", "Black", "relevance", "positive", 33),
    ]
    table = theme_rates(passage_table(coded(rows), THEMES), THEMES, {}, analysis(10))
    assert table[["passages", "rate", "net"]].isna().all(axis=None)


def test_nothing_is_told_of_one_person_however_much_they_said():
    rows = spoken("s1", "principal", "exclusion", "negative", 60)
    passages = passage_table(coded(rows), THEMES)
    told = ["passages", "rate", "net"]
    assert theme_rates(passages, THEMES, {}, analysis(10))[told].isna().all(axis=None)
    assert negative_cases(passages, THEMES, 10).empty
    assert cooccurrence(passages, THEMES, 10).empty
    several = passages.assign(speaker=[f"speaker {k % 3}" for k in range(60)])
    assert theme_rates(several, THEMES, {}, analysis(10))["passages"].tolist() == [60]
    assert len(negative_cases(several, THEMES, 10)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_no_small_part_of_a_total_follows_from_the_parts_shown(seed):
    rng = np.random.default_rng(seed)
    counts = pd.Series(rng.integers(0, 40, rng.integers(1, 8)))
    hidden = left_out(counts, 10)
    assert hidden[counts.between(1, 9)].all()
    small, sum_hidden = counts[counts.between(1, 9)], counts[hidden].sum()
    if len(small) and (counts > 0).sum() > hidden.sum():
        # What is left of the total when the parts shown are taken from it.
        assert sum_hidden >= 20
    assert not hidden[counts == 0].any()


def test_pairs_of_themes_in_one_passage_and_in_one_session():
    rows = [
        ("s1", "Black", "exclusion", "negative", "both"),
        ("s1", "Black", "relevance", "negative", "both"),
        *spoken("s2", "Black", "exclusion", "negative", 1),
        *spoken("s2", "Black", "relevance", "negative", 1),
    ]
    found = cooccurrence(passage_table(coded(rows), THEMES), THEMES, 1)
    assert found[["first", "second", "both", "sessions_both"]].to_numpy().tolist() == [
        ["exclusion", "relevance", 1, 2]
    ]
    three = passage_table(coded(rows), THEMES).assign(speaker=list("abc"))
    assert cooccurrence(three, THEMES, 10)["both"].isna().all()


def test_saturation_counts_new_themes_in_the_order_of_the_sessions():
    found = saturation(passage_table(coded(FOUR), THEMES), THEMES)
    assert found["new"].tolist() == [1, 0, 1, 0]
    assert found["share_so_far"].tolist() == [0.5, 0.5, 1, 1]
    assert not found.astype(str).isin(["s1", "s2", "s3", "s4"]).any(axis=None)


def test_negative_cases_are_passages_and_sessions_on_the_other_side():
    rows = [
        *spoken("s1", "Black", "relevance", "negative", 5),
        *spoken("s2", "Black", "relevance", "positive", 2),
        *spoken("s2", "Black", "relevance", "neutral", 1),
    ]
    found = negative_cases(passage_table(coded(rows), THEMES), THEMES, 1).iloc[0]
    assert found["pattern"] == "mostly unfavourable"
    assert (found["against"], found["sessions_against"], found["sessions"]) == (2, 1, 2)


def test_a_study_without_excerpts_has_empty_tables():
    nothing = passage_table(pd.DataFrame(columns=COLUMNS), THEMES)
    assert session_table(nothing).empty
    assert theme_rates(nothing, THEMES, {}, analysis()).empty
    assert cooccurrence(nothing, THEMES, 10).empty
    assert saturation(nothing, THEMES).empty
    assert negative_cases(nothing, THEMES, 10).empty
