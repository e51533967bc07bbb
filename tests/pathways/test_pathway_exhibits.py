"""Exhibits of pathways: every number is declared, words are of association and turn."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from pathway_fits import ONE_BLOCK, all_verdicts, generated_rows, made_up_fit, short_study

from learning_with_others.bayes.diagnosis import Diagnosis
from learning_with_others.exhibits.exhibit import Words
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.publication import labelled
from learning_with_others.exhibits.records import Interval, Records, Result, result_id
from learning_with_others.exhibits.words import MARK, SUPPRESSED, resolve
from learning_with_others.models.model_rows import PLAUSIBLE
from learning_with_others.models.pathway_chain import chain_of
from learning_with_others.pathways import exhibits
from learning_with_others.pathways.orders import other_orders
from learning_with_others.pathways.pathway_tables import summarize_pathway
from learning_with_others.psychometrics.comparability.decision import Verdict

LIKELY = Interval(kind="equal-tailed credible", probability=0.95)
CAUSAL = re.compile(
    r"\b(effects?|causes?|caused|mediates?|mediated|leads? to|due to)\b", re.IGNORECASE
)
DENIALS = ("nothing is shown to be mediated",)
LEADS = ("pathway-diagnosis", "pathway-links", "pathway-indirect", "pathway-sensitivity")
LEADS += ("pathway-orders",)


def planned(fits, tables, study, verdicts):
    """All exhibits, as the notebook calls them."""
    main = fits["main"]
    return [
        exhibits.rows(main, study),
        exhibits.diagnosis(main),
        exhibits.measures(main, verdicts, study),
        exhibits.links(tables.estimates, main, study),
        exhibits.indirect(tables.estimates, main, study),
        exhibits.covariances(tables.covariances, main),
        exhibits.scores(tables.scores, study),
        exhibits.benchmarks(tables.benchmarks),
        exhibits.sensitivity(tables.sensitivity, tables.curves, tables.benchmarks, main, study),
        exhibits.orders(tables.orders, study),
        exhibits.between(tables.between, main, study),
        exhibits.planted(tables.planted, study),
    ]


def laid_out_of(study, *, verdicts=None, sign=1, spread=0.02, score=PLAUSIBLE, **changes):
    """Give the exhibits of a made-up fit by name."""
    chain, found = chain_of(study), {"spread": spread, "sign": sign}
    fits = {
        "main": replace(made_up_fit(study, score=score, **found), **changes),
        "scores": made_up_fit(study, **found),
        **{name: made_up_fit(study, one, **found) for name, one in other_orders(chain).items()},
    }
    known = verdicts or all_verdicts()
    given = (generated_rows(), None, known, study.simulation, study.design)
    tables = summarize_pathway(fits, *given)
    plans = planned(fits, tables, study, known)
    return {each.name: each for plan in plans for each in plan.lay_out()}


def records_of(laid_out):
    """Make the records that the exhibits' tables hold."""
    found = []
    for exhibit in laid_out.values():
        for row in exhibit.table.to_dict("records"):
            keys = {key: row[column] or None for key, column in exhibit.keys.items()}
            for number in exhibit.numbers:
                if pd.isna(row[number.column]):
                    continue
                quantity = number.quantity.format(**row)
                ends = {"lower": row["lower"], "upper": row["upper"]} if number.interval else {}
                found.append(
                    Result(
                        id=result_id(quantity, keys),
                        stage="05",
                        exhibit=exhibit.name,
                        quantity=quantity,
                        **keys,
                        estimate=row[number.column],
                        **ends,
                        interval=LIKELY if ends else None,
                        unit=number.unit.format(**row),
                        flag=row.get("flag") or None,
                        notebook="05",
                        function="any",
                        line=1,
                    )
                )
    return Records(found)


def text_of(words: Words, records):
    return words if isinstance(words, str) else words(records)


def said(exhibit, records):
    """Title and sentence as people read them."""
    return [
        resolve(text_of(words, records), records) for words in (exhibit.title, exhibit.sentence)
    ]


def all_words(laid_out, records):
    """Every text of the exhibits, with N for its numbers."""
    for exhibit in laid_out.values():
        texts = [exhibit.title, exhibit.sentence, exhibit.caption]
        texts += [text for figure in exhibit.figures for text in (figure.alt, figure.caption)]
        for text in filter(None, texts):
            yield exhibit.name, MARK.sub("N", text_of(text, records))


@pytest.fixture(scope="module")
def study():
    return short_study()


@pytest.fixture(scope="module")
def laid_out(study):
    return laid_out_of(study)


@pytest.fixture(scope="module")
def records(laid_out):
    return records_of(laid_out)


SHAPES = {
    "declared": {},
    "one block of mediators": {"blocks": ONE_BLOCK, "varying": ()},
    "one mediator": {"blocks": (("engagement",), ("gpa",)), "varying": ()},
    "without covariates": {"covariates": ()},
    "groups exchanged": {"swap": True},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_column_is_declared_and_every_count_counts_whom_it_says(shape):
    study = short_study(**SHAPES[shape])
    shown = laid_out_of(study)
    people = People(study, {"students": generated_rows()})
    for exhibit in shown.values():
        exhibit.check()
        for count in exhibit.counts:
            for row in exhibit.table.to_dict("records"):
                assert count.whom.mask(row, people).sum() == row[count.column], exhibit.name
    assert records_of(shown)  # no id is given twice
    absent = {"pathway-benchmarks"} if shape == "without covariates" else set()
    absent |= {"pathway-covariances"} if SHAPES[shape].get("varying") == () else set()
    everything = {f"pathway-{name}" for name in exhibits.__all__}
    assert set(shown) == everything - absent


@pytest.mark.parametrize("shape", SHAPES)
def test_all_that_was_drawn_has_its_error(shape):
    for exhibit in laid_out_of(short_study(**SHAPES[shape])).values():
        for number in exhibit.numbers:
            if number.interval:
                assert exhibit.table[number.mcse].gt(0).all(), (exhibit.name, number.quantity)


@pytest.mark.parametrize("shape", SHAPES)
def test_words_are_of_association_and_use_labels(shape):
    study = short_study(**SHAPES[shape])
    shown = laid_out_of(study)
    for name, text in all_words(shown, records_of(shown)):
        plain = text
        for denial in DENIALS:
            plain = plain.replace(denial, "")
        assert not CAUSAL.search(plain), (name, text)
        assert "_" not in plain, (name, text)
        assert "  " not in plain, (name, text)
        assert not re.search(r"[.,;]{2}|\(\)|\bNone\b|\bnan\b", plain), (name, text)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_mark_has_its_record(shape):
    shown = laid_out_of(short_study(**SHAPES[shape]))
    records = records_of(shown)
    for name in LEADS:
        for text in said(shown[name], records):
            assert text, name
            assert SUPPRESSED not in text, (name, text)


@pytest.mark.parametrize(("sign", "words"), [(1, ("more", "higher")), (-1, ("less", "lower"))])
def test_links_are_said_in_the_direction_of_their_signs(study, sign, words):
    shown = laid_out_of(study, sign=sign)
    title, sentence = said(shown["pathway-links"], records_of(shown))
    more, higher = words
    assert title == (
        f"More high-quality collaboration goes along with {more} perceived personalization in both"
        " groups"
    )
    assert f"0.60 SD {higher} among Black students (95% interval 0.5" in sentence
    assert f"0.50 SD {higher} among White students (95% interval 0.4" in sentence
    assert sentence.startswith(
        "With one standard deviation more high-quality collaboration, perceived personalization is"
    )


@pytest.mark.parametrize(("sign", "words"), [(1, ("Positively", "higher", "more")),
                                             (-1, ("Negatively", "lower", "less"))])  # fmt: skip
def test_indirect_associations_turn_with_their_signs(sign, words):
    """One mediator, without covariances: a product of two links turns if one of them does."""
    study = short_study(blocks=(("engagement",), ("gpa",)), varying=())
    fit = made_up_fit(study, spread=0.02)
    turned = {key: (sign if key[1][1] == "engagement" else 1) * draws
              for key, draws in fit.links.slopes.items()}  # fmt: skip
    shown = laid_out_of(study, links=replace(fit.links, slopes=turned))
    title, sentence = said(shown["pathway-indirect"], records_of(shown))
    how, higher, more = words
    assert title == (
        f"High-quality collaboration is {how.lower()} associated with grade point average through"
        " mediators in both groups"
    )
    assert f"0.24 SD {higher} among Black students" in sentence
    assert f"0.15 SD {higher} among White students" in sentence
    assert f"SD {more} for Black than for White students" in sentence


def test_differences_turn_when_the_groups_are_exchanged():
    """The focal group's links are made the larger ones, whichever group that is."""
    for swap, first, second in ((False, "Black", "White"), (True, "White", "Black")):
        shown = laid_out_of(short_study(swap=swap))
        _, sentence = said(shown["pathway-indirect"], records_of(shown))
        assert f"SD more for {first} than for {second} students" in sentence
        _, links = said(shown["pathway-links"], records_of(shown))
        assert links.index(f"0.60 SD higher among {first}") < links.index(f"0.50 SD higher among "
                                                                          f"{second}")  # fmt: skip


def test_groups_that_differ_in_direction_are_told_apart(laid_out, records):
    id_ = "pathway.link/personalization/White/collaboration"
    unclear = records[id_].model_copy(update={"lower": -0.1})
    changed = Records([unclear, *(one for one in records.values() if one.id != id_)])
    title, _ = said(laid_out["pathway-links"], changed)
    assert title == (
        "More high-quality collaboration goes along with more perceived personalization among Black"
        " and neither clearly more nor less among White students"
    )


def test_outcomes_with_one_finding_share_it():
    shown = laid_out_of(short_study(blocks=ONE_BLOCK, varying=()))
    records = records_of(shown)
    title, _ = said(shown["pathway-links"], records)
    assert title.endswith("more perceived personalization and engagement in both groups")
    title, _ = said(shown["pathway-indirect"], records)
    assert title.endswith(
        "positively associated with self-efficacy and grade point average through mediators in both"
        " groups"
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_suppressed_numbers_are_said_to_be_so(shape):
    shown = laid_out_of(short_study(**SHAPES[shape]))
    for name in set(LEADS) - {"pathway-orders"}:
        for text in said(shown[name], Records()):
            assert SUPPRESSED in text, (name, text)
            assert "{{" not in text
    assert said(shown["pathway-orders"], Records())


def test_one_suppressed_group_leaves_the_other(laid_out, records):
    kept = Records(one for one in records.values() if one.group == "White")
    _, links = said(laid_out["pathway-links"], kept)
    assert f"{SUPPRESSED} among Black students" in links
    assert "0.50 SD higher among White students" in links
    title, _ = said(laid_out["pathway-links"], Records())
    assert title.endswith(f"with {SUPPRESSED} perceived personalization in both groups")
    _, indirect = said(laid_out["pathway-indirect"], kept)
    assert f"{SUPPRESSED} among Black students" in indirect
    assert f"a difference of {SUPPRESSED}" in indirect


def test_measures_that_do_not_compare_are_named_beside_differences(study):
    shown = laid_out_of(study, verdicts=all_verdicts(personalization=Verdict.NOT_COMPARABLE))
    records = records_of(shown)
    for name in ("pathway-links", "pathway-indirect"):
        _, sentence = said(shown[name], records)
        assert "Caution: comparability of slopes between the groups: not comparable" in sentence, (
            name
        )


def test_a_failed_fit_is_in_the_title(study):
    failed, fit = Diagnosis({"pareto_k": 0.9, "effective_size": 500.0}, 1.0), made_up_fit(study)
    titles = {
        "Equations failed their diagnosis": {
            "diagnoses": (failed, *fit.diagnoses[1:]),
            "diagnosis": failed,
        },
        "All equations passed their diagnosis, but not the associations made of them": {
            "diagnosis": failed
        },
        "All equations passed their diagnosis": {},
    }
    for title, changes in titles.items():
        shown = laid_out_of(study, **changes)
        found, sentence = said(shown["pathway-diagnosis"], records_of(shown))
        assert found == title
        assert "Pareto k is" in sentence


def test_the_weakest_clear_association_is_the_one_said(laid_out, records, study):
    title, sentence = said(laid_out["pathway-sensitivity"], records)
    table = laid_out["pathway-sensitivity"].table
    clear = table[(table["quantity"] == "pathway.sensitivity") & (table["lower"] > 0)]
    weakest = clear.loc[clear["estimate"].idxmin()]
    assert f"A residual correlation of {weakest['estimate']:.2f} would" in title
    labels = [study.labels[name] for name in weakest["path"].split(" → ")]
    assert f"the weakest is {' → '.join(labels)} among {weakest['group']} students" in sentence
    assert "leaving out prior gpa, the strongest observed covariate, would amount to" in sentence


def test_where_nothing_is_clear_it_is_said(study):
    shown = laid_out_of(study, spread=2.0)
    title, sentence = said(shown["pathway-sensitivity"], records_of(shown))
    assert title.startswith("No association through a mediator is clear enough")
    assert "may be zero" in sentence


def test_figures_are_drawn_of_what_is_published(laid_out, study):
    """With labels in place of keys, as publication puts them in."""
    for exhibit in laid_out.values():
        for figure in exhibit.figures:
            of = labelled(exhibit.table, study) if figure.of is None else figure.of
            assert figure.draw(of) is not None, figure.name


def test_how_many_planted_associations_lie_inside_is_counted(study):
    (figure,) = laid_out_of(study, spread=0.5)["pathway-planted"].figures
    assert figure.alt.startswith(("All", "Most"))
    (figure,) = laid_out_of(study, spread=0.001)["pathway-planted"].figures
    assert figure.alt.startswith("Few")


def test_a_path_whose_links_meet_is_shown_as_one(laid_out):
    (shown,) = laid_out["pathway-covariances"].table["via"]
    assert shown == "collaboration → personalization → engagement"


def test_without_a_pathway_nothing_is_shown():
    study = short_study(blocks=None)
    none = {"main": None, "scores": None}
    tables = summarize_pathway(none, generated_rows(), None, {}, study.simulation, study.design)
    for plan in planned(none, tables, study, {}):
        assert plan.lay_out() == [], plan.name
    assert exhibits.benchmarks(pd.DataFrame()).lay_out() == []


def test_every_exhibit_of_the_stage_is_among_these(study):
    fits = {"main": None}
    tables = summarize_pathway({**fits, "scores": None}, generated_rows(), None, {}, None, study)
    assert {plan.name for plan in planned(fits, tables, study, {})} == set(exhibits.__all__)
