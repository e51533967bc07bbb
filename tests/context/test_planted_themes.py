"""What the simulation plants in sessions: closed forms against many generated ones."""

import numpy as np
import pytest
from conftest import ROOT
from deep import dozen_or

from learning_with_others.context.planted_themes import (
    planted_agreement,
    planted_rates,
    session_groups,
)
from learning_with_others.context.theme_tables import THEME, passage_table
from learning_with_others.data.measures.excerpts import coded_excerpts
from learning_with_others.data.measures.theme_codebook import theme_codebook
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.data.synthetic.coded_passages import draw_excerpts
from learning_with_others.study import load_study

STUDY = load_study(ROOT / "data/learning-with-others")
EXCERPTS = STUDY.simulation.excerpts
SCHOOLS = np.array(["A", "B", "C", "D"], dtype=object)


@pytest.fixture(scope="module")
def themes():
    return theme_codebook(read_study(STUDY).tables)


def drawn(count):
    for seed in range(count):
        yield draw_excerpts(EXCERPTS, SCHOOLS, np.random.default_rng(seed))


def test_groups_are_named_by_whichever_table_holds_them():
    codebook = codebook_of(STUDY)
    named = session_groups(codebook)
    assert named["teacher"] == "teachers"
    held = dict(codebook["excerpts"])
    sessions = {"group": held.pop("group")}
    assert session_groups(codebook | {"excerpts": held, "sessions": sessions}) == named
    assert session_groups({}) == {}


@pytest.mark.parametrize("count", dozen_or(200))
def test_rates_and_balances_are_those_planted(count, themes):
    planted = planted_rates(EXCERPTS, {}).set_index(["source", "group", "theme"])
    rates, nets = [], []
    for table in drawn(count):
        passages = passage_table(coded_excerpts({"excerpts": table}), themes)
        by_session = passages.groupby(["source", "group", "session"], sort=False)
        names = [name for name in passages if name.startswith(THEME)]
        for found, kept in ((by_session[names].count(), rates), (by_session[names].sum(), nets)):
            mean = (
                found.groupby(["source", "group"]).mean().rename(columns=lambda n: n[len(THEME) :])
            )
            kept.append(mean.stack().reindex(planted.index))
    for found, truth in ((rates, planted["rate"]), (nets, planted["net"])):
        mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(count)
        # 34 numbers: four standard errors are passed by chance in one of 500 runs.
        assert (np.abs(mean - truth) < 4 * error).all()


@pytest.mark.parametrize("count", dozen_or(200))
def test_agreement_of_the_two_coders_is_that_planted(count):
    planted = planted_agreement(EXCERPTS)
    pooled = {theme: np.zeros((2, 2)) for theme in planted}
    for table in drawn(count):
        twice = table[table["document"].isin(table.loc[table["coder"] == "second", "document"])]
        for theme, counts in pooled.items():
            sources = set(table.loc[table["theme"] == theme, "source"])
            mine = twice[twice["source"].isin(sources)]
            passages = mine["excerpt"].unique()
            has = [
                np.isin(
                    passages, mine.loc[(mine["coder"] == who) & (mine["theme"] == theme), "excerpt"]
                )
                for who in EXCERPTS.coders
            ]
            np.add.at(counts, (has[0].astype(int), has[1].astype(int)), 1)
    for theme, counts in pooled.items():
        n = counts.sum()
        agree = np.trace(counts) / n
        chance = (counts.sum(axis=1) @ counts.sum(axis=0)) / n**2
        kappa = (agree - chance) / (1 - chance)
        # Cohen (1960), eq. 9: the standard error of kappa, passages taken as independent.
        error = np.sqrt(agree * (1 - agree) / n) / (1 - chance)
        assert abs(kappa - planted[theme]) < 4 * error, theme


def test_low_agreement_is_planted_in_one_theme_only():
    low = [theme for theme, kappa in planted_agreement(EXCERPTS).items() if kappa < 0.667]
    assert low == ["teacher support"]
