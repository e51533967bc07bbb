"""An effect where chance assigned the exposure, an association elsewhere: in every word shown."""

import re

import pytest
from conftest import QUICK_BUILD, ROOT, SMALL_BUILD

from learning_with_others.benefits.exhibits.sentences import as_observed, relation, with_more
from learning_with_others.exhibits.shown import read_exhibits
from learning_with_others.study import load_study

STAGE = "04-collaboration-benefits"
# The published effects are those of Stock and Watson, whose regressions these are.
PUBLISHED = "published"


def words_of(folder):
    """Each sentence that a stage shows, with the exhibit it belongs to."""
    shown, failed = read_exhibits(folder / STAGE)
    assert shown, "make test builds project-star PROFILE=quick and the small study first"
    assert not failed
    for one in shown:
        texts = [one.title, one.sentence, one.caption]
        texts += [text for figure in one.figures for text in (figure["alt"], figure["caption"])]
        for text in texts:
            for sentence in re.split(r"(?<=[.;:]) ", text):
                yield one.name, sentence


def test_of_an_assigned_exposure_only_what_is_observed_is_an_association():
    said = list(words_of(QUICK_BUILD))
    for name, sentence in said:
        if "associat" in sentence.lower():
            # Such as: as observed, by the class type of the grade, an association within schools.
            assert name in {"effect-views", "alternatives"}, sentence
            around = [text for other, text in said if other == name]
            assert any("observed" in text.lower() for text in around), sentence
    captions = {name for name, sentence in said if "difference in effects" in sentence}
    assert {"benefits", "alternatives", "verdict", "classical-gaps", "outcome-gaps"} <= captions
    assert any(name == "benefits" and "as an effect of" in s.lower() for name, s in said)


def test_of_an_exposure_that_nobody_assigned_nothing_is_an_effect():
    small = list(words_of(SMALL_BUILD))
    for name, sentence in small:
        if name == PUBLISHED:
            continue
        # Effects of classrooms and schools, and contextual ones, are the field's words for terms.
        apart = re.sub(
            r"(random|fixed|contextual|school|standardized) effects?"
            r"|effects of (classrooms|schools|clusters)",
            "",
            sentence.lower(),
        )
        assert not re.search(r"\beffects? (of|on|in|for)\b", apart), (name, sentence)
    assert any("associations with" in sentence for _, sentence in small)


@pytest.mark.parametrize("folder", ["project-star", "learning-with-others", "project-star-grade8"])
def test_one_declaration_decides(folder):
    study = load_study(ROOT / "data" / folder)
    assigned = study.roles.exposure.assigned is not None
    assert assigned == (folder == "project-star")
    assert ("heterogeneity of the effect" in relation(study)) == assigned
    assert ("associations" in relation(study)) != assigned
    assert with_more(study).startswith("as an effect of") == assigned
    assert bool(as_observed(study)) == assigned


def test_declared_as_observed_the_same_study_speaks_of_associations(study):
    bare = study.as_observed
    assert "effect" not in relation(bare)
    assert with_more(bare) == "in small rather than regular classes"
