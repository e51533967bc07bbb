"""What the exhibits of coders' agreement record, say and draw."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from many_studies import FOLDER
from shown_exhibits import said, shown

from learning_with_others.context.coder_agreement import (
    ALL,
    UNDER,
    UNKNOWN,
    agreement_table,
    use_table,
)
from learning_with_others.context.exhibits import coder_agreement, coder_use
from learning_with_others.data.measures.excerpts import coded_excerpts
from learning_with_others.data.reading import read_study
from learning_with_others.study import load_study

mpl.use("Agg")
COEFFICIENTS = ["alpha", "kappa"]
THREE_DIGITS = 0.0005 + 1e-9  # as records are written


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def study():
    return load_study(FOLDER)


@pytest.fixture(scope="module")
def excerpts(study):
    return coded_excerpts({"excerpts": read_study(study).tables["excerpts"]})


@pytest.fixture
def table(excerpts, study):
    return agreement_table(excerpts, study.design, 400)


def published(planned, study):
    """The exhibit, its records, and its title and sentence as people read them."""
    exhibits, _, records = shown([planned], study, {})
    (exhibit,) = exhibits.values()
    return exhibit, records, said(exhibit, records)


def test_every_number_is_recorded(table, study):
    _, records, _ = published(coder_agreement(table, study), study)
    one = records["context.agreement/teacher support"]
    alpha = table.set_index("theme").loc["teacher support", "alpha"]
    assert one.estimate == pytest.approx(alpha, abs=THREE_DIGITS)
    assert one.flag == UNDER
    assert one.interval.kind == "expanded percentile bootstrap (documents)"
    assert one.n is None
    assert records[f"context.agreement.segments/{ALL}"].estimate == 120


def test_the_title_counts_themes_and_the_sentence_names_those_under(table, study):
    _, _, (title, sentence) = published(coder_agreement(table, study), study)
    alpha = table.set_index("theme")["alpha"]
    assert title == "Coders agree sufficiently on 8 of 9 themes (alpha of at least 0.667)"
    assert sentence.startswith(f"Over all themes, alpha is {alpha[ALL]:.2f} (95% interval ")
    assert "from 120 segments of 8 documents" in sentence
    assert f"it is under 0.667 for teacher support ({alpha['teacher support']:.2f})" in sentence


def test_words_turn_with_what_was_found(table, study):
    fine = table.assign(alpha=table["alpha"].clip(lower=0.7), flag="")
    _, _, (title, sentence) = published(coder_agreement(fine, study), study)
    assert title == "Coders agree sufficiently on every theme (alpha of at least 0.667)"
    assert "under" not in sentence
    bad = table.assign(alpha=0.1, flag=UNDER)
    assert published(coder_agreement(bad, study), study)[2][0] == (
        "Coders agree sufficiently on none of 9 themes (alpha of at least 0.667)"
    )


def test_a_theme_without_agreement_is_named_as_not_known(table, study):
    gone = table["theme"] == "time"
    ends = [f"{name}_{end}" for name in COEFFICIENTS for end in ("lower", "upper", "mcse")]
    table.loc[gone, [*COEFFICIENTS, *ends]] = np.nan
    table.loc[gone, "flag"] = UNKNOWN
    _, records, (title, sentence) = published(coder_agreement(table, study), study)
    assert "on 7 of 9 themes" in title
    assert "it is not known for time" in sentence
    assert "context.agreement/time" not in records


def test_one_coder_is_said(excerpts, study):
    alone = agreement_table(excerpts[excerpts["coder"] == "first"], study.design, 400)
    exhibit, _, (title, sentence) = published(coder_agreement(alone, study), study)
    assert title == "How far coders agree is not known"
    assert sentence.startswith("No document was coded by two people")
    assert exhibit.figures[0].draw(exhibit.table) is None


def test_one_document_is_one(excerpts, study):
    first = excerpts["document"][excerpts["coder"] == "second"].iloc[0]
    alone = agreement_table(excerpts[excerpts["document"] == first], study.design, 400)
    *_, (_, sentence) = published(coder_agreement(alone, study), study)
    assert "15 segments of 1 document;" in sentence


def test_a_study_without_passages_shows_nothing(excerpts, study):
    none = excerpts.iloc[:0]
    assert coder_agreement(agreement_table(none, study.design, 400), study).lay_out() == []
    assert coder_use(use_table(none)).lay_out() == []


def test_use_is_recorded_by_theme_and_coder(excerpts, study):
    _, records, _ = published(coder_use(use_table(excerpts)), study)
    twice = excerpts[excerpts["document"].isin(excerpts["document"][excerpts["coder"] == "second"])]
    used = twice.query("theme == 'testing' and coder == 'first'")["excerpt"].nunique()
    assert records["context.agreement.used/coder 1/testing"].estimate == used
    assert records["context.agreement.judged/coder 2/testing"].estimate == 60


def test_the_figure_has_a_row_for_each_theme_by_falling_alpha(table, study):
    exhibit, *_ = published(coder_agreement(table, study), study)
    axis = exhibit.figures[0].draw(exhibit.table).axes[0]
    rows = [label.get_text() for label in axis.get_yticklabels()]
    alone = table[table["theme"] != ALL].sort_values("alpha", ascending=False, kind="stable")
    assert rows == [*alone["theme"], ALL]
    dotted = [line.get_xdata()[0] for line in axis.lines if line.get_linestyle() == ":"]
    assert dotted == [0.667, 0.8]
    points = [x for line in axis.lines if line.get_marker() == "o" for x in line.get_xdata()]
    assert points == pytest.approx([*alone["alpha"], table["alpha"].iloc[-1]])
