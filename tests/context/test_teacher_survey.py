"""What teachers say of the context: shares and ranks by hand, and what was planted."""

import numpy as np
import pandas as pd
import pytest
from deep import DOZEN, dozen_or, keep
from many_studies import simulation
from scipy import stats
from teacher_surveys import (
    answers,
    default_study,
    items_columns,
    many_schools,
    study_asking,
    surveys,
)

from learning_with_others.context.planted_ranks import planted_ranks
from learning_with_others.context.teacher_survey import (
    ALL_ITEMS,
    agreement_shares,
    context_items,
    item_ranks,
)
from learning_with_others.data.reading import read_study
from learning_with_others.data.synthetic.planted_answers import answer_probabilities
from learning_with_others.inference.rank_sets import ranks_of
from learning_with_others.study.simulation import Item

FOUR = ("a", "b", "c", "d")
# Of 200 surveys, sets that hold the truth in 95% hold it in 181 or more with probability .997;
# of a dozen, in 9 or more with .998. Sets are conservative: there is no upper limit.
FEWEST = {200: 181, DOZEN: 9}
MOST = {200: 197, DOZEN: DOZEN}  # of intervals that are not conservative
KINDS = ("four schools", "twelve schools")


def items_of(study_and_columns, teachers):
    study, columns = study_and_columns
    return context_items({"teachers": teachers}, study.design, columns), study.design


def ranks_in(found, among, name="item"):
    return found[found["among"] == among].set_index(name)


def test_a_teacher_agrees_above_the_middle_and_reversed_items_are_turned():
    teachers = pd.DataFrame(
        {"school": ["x"] * 6, "a": [1, 2, 3, 4, 5, np.nan], "not_b": [1, 2, 3, 4, 5, 5]}
    )
    items, design = items_of(study_asking(supports=["a", "not_b"]), teachers)
    shares = agreement_shares(items, design).set_index("item")
    assert shares.loc["a", ["teachers", "estimate"]].tolist() == [5, 0.4]
    # Reversed: 1 and 2 are agreement that the factor is there.
    assert shares.loc["not_b", ["teachers", "estimate"]].tolist() == [6, pytest.approx(2 / 6)]
    ranks = item_ranks(items, design).set_index("item")
    assert ranks.loc["not_b", "mean"] == pytest.approx(6 - 20 / 6)


def test_fixed_schools_are_strata_and_ten_are_clusters():
    names = list(FOUR)
    few, design = items_of(study_asking(supports=names), answers(names, schools=4))
    many, _ = items_of(study_asking(supports=names), answers(names, schools=10, per_school=8))
    assert not few.schools_are_sampled
    assert many.schools_are_sampled
    assert few.means(few.keyed).degrees == 76
    assert many.means(many.keyed).degrees == 9
    # Schools differ: an interval that speaks of other schools is the wider one.
    width = [agreement_shares(each, design).eval("upper - lower").mean() for each in (few, many)]
    assert width[1] > width[0]


def test_ranks_are_those_of_the_means_and_lie_in_their_sets():
    names = list(FOUR)
    items, design = items_of(study_asking(supports=names), answers(names))
    found = item_ranks(items, design).set_index("item")
    assert found["rank"].to_dict() == dict(
        zip(names, ranks_of(found.loc[names, "mean"].to_numpy()), strict=True)
    )
    for kind in ("marginal", "simultaneous"):
        assert (found[f"{kind}_lower"] <= found["rank"]).all()
        assert (found["rank"] <= found[f"{kind}_upper"]).all()
    # Whoever's posterior is almost surely among the top three could be, by the set too.
    assert found["posterior_rank"].sum() == pytest.approx(10, abs=1e-9)
    assert found["top_three"].sum() == pytest.approx(3, abs=1e-9)


def test_the_probability_of_two_items_is_the_normal_one():
    """Of two items the posterior rank is 1 + P(the other is larger)."""
    items, design = items_of(study_asking(supports=["a", "b"]), answers(["a", "b"]))
    found = item_ranks(items, design).set_index("item")
    means = items.means(items.keyed)
    difference = means.mean[0] - means.mean[1]
    error = np.sqrt(np.array([1, -1]) @ means.covariance @ np.array([1, -1]))
    first = stats.t(means.degrees).cdf(difference / error)
    mcse = 4 * found.loc["a", "posterior_mcse"]
    assert found.loc["a", "posterior_rank"] == pytest.approx(2 - first, abs=mcse)
    assert found["top_three"].isna().all()
    assert set(found["could_be_top_three"]) == {""}


def test_items_of_one_scale_are_ranked_together_and_others_apart():
    names = {"supports": ["a", "b"], "hindrances": ["c", "d"]}
    asked = study_asking(**names)
    items, design = items_of(asked, answers(FOUR))
    assert list(items.ranked) == ["supports", "hindrances", ALL_ITEMS]
    assert set(ranks_in(item_ranks(items, design), ALL_ITEMS).index) == set(FOUR)
    one, _ = items_of(study_asking(supports=list(FOUR)), answers(FOUR))
    assert list(one.ranked) == ["supports"]


@pytest.mark.parametrize(("schools", "per_school"), [(1, 30), (2, 6), (10, 8), (25, 3)])
def test_studies_of_other_shapes(schools, per_school):
    asked = study_asking(supports=["a", "b"], hindrances=["c", "d"])
    items, design = items_of(asked, answers(FOUR, schools=schools, per_school=per_school))
    shares, ranks = agreement_shares(items, design), item_ranks(items, design)
    known = np.isfinite(shares[["lower", "upper"]]).all(axis=1)
    assert (known == (shares["flag"] == "")).all()
    assert (known == shares["estimate"].between(0, 1, inclusive="neither")).all()
    assert len(ranks) == 8


def test_what_is_missing_leaves_only_its_own_item():
    teachers = answers(FOUR)
    teachers.loc[:9, "a"] = np.nan
    teachers["d"] = np.nan
    items, design = items_of(study_asking(supports=list(FOUR)), teachers)
    shares = agreement_shares(items, design).set_index("item")
    assert shares["teachers"].to_dict() == {"a": 70, "b": 80, "c": 80}


def test_a_study_without_teachers_has_nothing(study):
    assert context_items({}, study.design, {}) is None
    assert agreement_shares(None, study.design) is None
    assert item_ranks(None, study.design) is None


def test_the_probability_of_each_answer_has_a_closed_form():
    """Over all schools it is that of a standard normal; within them, it averages to the same."""
    item = Item(loading=0.7, thresholds=[-1.0, 0.0, 0.8])
    whole = answer_probabilities(item)
    assert whole == pytest.approx(np.diff([0, *stats.norm.cdf([-1.0, 0.0, 0.8]), 1]), abs=1e-12)
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    within = answer_probabilities(item, np.sqrt(0.15) * at, 0.15)
    assert weight @ within / weight.sum() == pytest.approx(whole, abs=1e-10)


@pytest.mark.parametrize("count", dozen_or(200))
@pytest.mark.parametrize("kind", KINDS)
def test_rank_sets_hold_the_planted_ranks(kind, count):
    """Each item's marginal set, and all simultaneous sets of a group at once."""
    marginal, simultaneous = {}, {}
    design = default_study().design
    for items, planted in surveys(count, kind):
        found = item_ranks(items, design)
        for among, part in found.groupby("among"):
            true = planted.loc[part["item"], "planted_mean"].to_numpy()
            lowest, highest = ranks_of(true), len(true) + 1 - ranks_of(-true)
            held = {
                each: (part[f"{each}_lower"] <= lowest) & (highest <= part[f"{each}_upper"])
                for each in ("marginal", "simultaneous")
            }
            for item, inside in zip(part["item"], held["marginal"], strict=True):
                marginal.setdefault(f"{among}/{item}", []).append(inside)
            simultaneous.setdefault(among, []).append(held["simultaneous"].all())
    covered = {f"{name}": int(np.sum(inside)) for name, inside in (marginal | simultaneous).items()}
    keep(f"rank_coverage_{kind.replace(' ', '_')}", count, covered=covered)
    assert len(covered) == 16 + 3
    assert min(covered.values()) >= FEWEST[count], covered


@pytest.mark.parametrize("count", dozen_or(200))
@pytest.mark.parametrize("kind", KINDS)
def test_intervals_of_shares_hold_the_planted_ones(kind, count):
    covered = {}
    for items, planted in surveys(count, kind):
        for row in agreement_shares(items, default_study().design).itertuples():
            true = planted.loc[row.item, "planted_share"]
            covered.setdefault(row.item, []).append(row.lower <= true <= row.upper)
    found = {item: int(np.sum(inside)) for item, inside in covered.items()}
    keep(f"share_coverage_{kind.replace(' ', '_')}", count, covered=found)
    assert len(found) == 8
    assert min(found.values()) >= FEWEST[count], found
    assert max(found.values()) <= MOST[count], found


@pytest.mark.parametrize("count", dozen_or(200))
def test_the_truth_of_fixed_schools_is_that_of_their_answers(count):
    """Means of the surveys less what was planted in their schools average to nothing."""
    errors = [
        items.means(items.keyed).mean - planted["planted_mean"].to_numpy()
        for items, planted in surveys(count, "four schools")
    ]
    error = np.std(errors, axis=0, ddof=1) / np.sqrt(count)
    # One of eight correct means lies beyond with probability .001.
    assert (np.abs(np.mean(errors, axis=0)) < stats.t.isf(0.0005 / 8, count - 1) * error).all()


def test_planted_ranks_stand_beside_the_shipped_study():
    study = default_study()
    tables = read_study(study).tables
    items = context_items(tables, study.design, items_columns())
    shares, ranks = agreement_shares(items, study.design), item_ranks(items, study.design)
    given = (ranks, shares, items, tables, study.simulation, study.design)
    found = planted_ranks(*given)
    assert len(found) == 16
    assert found["inside"].eq("yes").sum() >= 13  # 95% of 16, of one study, in 5 of 6 cases
    # Another table than the planted one has no planted ranks.
    other = tables | {"teachers": tables["teachers"].assign(sup_1=3)}
    assert planted_ranks(ranks, shares, items, other, study.simulation, study.design) is None
    assert planted_ranks(ranks, shares, items, tables, None, study.design) is None


def test_planted_values_turn_with_reversed_items():
    from learning_with_others.context.planted_ranks import planted_values  # noqa: PLC0415

    items, planted = surveys(DOZEN, "twelve schools")[0]
    study = default_study().model_copy(deep=True)
    study.constructs["supports"].reversed.append("sup_1")
    added = pd.DataFrame(0.0, ["S00"], ["supports", "hindrances"])
    turned = planted_values(items, many_schools(), added, study.design).set_index("item")
    assert turned.loc["sup_1", "planted_mean"] == pytest.approx(
        6 - planted.loc["sup_1", "planted_mean"]
    )
    (two,) = [
        scale["sup_1"] for name, scale in simulation().teachers.scales.items() if name == "supports"
    ]
    share = stats.norm.cdf(two.thresholds[1])  # answers 1 and 2
    assert turned.loc["sup_1", "planted_share"] == pytest.approx(share)
    assert turned.loc["sup_2", "planted_share"] == planted.loc["sup_2", "planted_share"]
