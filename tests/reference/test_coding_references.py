"""Agreement of coders against published examples and other programs."""

import json
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.context.coding_units import coding_units
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.agreement.category_agreement import category_agreement
from learning_with_others.psychometrics.agreement.character_trap import kappa_over_characters_trap
from learning_with_others.psychometrics.agreement.presence_agreement import presence_agreement
from learning_with_others.psychometrics.agreement.unitizing_alpha import unitizing_alpha

VARIABLE = "QUALITATIVE_FILES"
FOLDER = Path(os.environ.get(VARIABLE, ROOT.parent / "shared/data/qualitative"))
SIX_DIGITS, FIVE_DIGITS, FOUR_DIGITS, THREE_DIGITS = (0.5 * 10.0**-n + 1e-9 for n in (6, 5, 4, 3))
LAST_OF_FIVE, CUT_OFF = 1e-5, 1e-6  # printed without rounding
DECISION = {"probability": 0.95, "resamples": 500, "seed": 1}


@pytest.fixture(scope="module")
def expected():
    return json.loads((Path(__file__).parent / "coder_agreement.json").read_text())


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorffs_example_to_all_printed_digits(metric, expected):
    own = expected["Krippendorff 2011, 4 x 12"]
    ratings = np.array(own["ratings"], float).T
    found = category_agreement(ratings, f"krippendorff_{metric}", **DECISION)
    digits = FOUR_DIGITS if metric == "ratio" else FIVE_DIGITS
    assert found.estimate == pytest.approx(own["alpha"][metric], abs=digits)


def test_fleiss_example(expected):
    own = expected["Fleiss, 14 raters, 10 units"]
    ratings = np.array([np.repeat(np.arange(5), row) for row in own["counts"]], float)
    found = category_agreement(ratings, "kappa_nominal", **DECISION)
    assert found.estimate == pytest.approx(own["kappa"], abs=SIX_DIGITS)


def test_cohens_kappa_of_a_table(expected):
    own = expected["Cohen, 2 x 2"]
    pairs = [(i, j) for i in (0, 1) for j in (0, 1) for _ in range(own["cells"][i][j])]
    found = category_agreement(np.array(pairs, float), "kappa_cohen", **DECISION)
    assert found.estimate == pytest.approx(own["kappa"], abs=1e-12)


def test_unitizing_example_of_the_book(expected):
    own = expected["Krippendorff 2004, p. 254"]
    found = unitizing_alpha(own["marked"], own["begin"], own["end"])
    for name in ("c", "k"):
        assert found.by_category[name] == pytest.approx(own["alpha"][name], abs=FOUR_DIGITS)
        for place, which in enumerate(("observed", "expected")):
            assert found.disagreement[name][place] == pytest.approx(
                own[which][name], abs=FOUR_DIGITS
            )
    # The book divides sums of rounded disagreements: .0144 over .0532 + .0490.
    observed, by_chance = (sum(round(d[k], 4) for d in found.disagreement.values()) for k in (0, 1))
    assert 1 - observed / by_chance == pytest.approx(own["overall"], abs=FOUR_DIGITS)
    exact = own["overall without rounding the disagreements"]
    assert found.overall == pytest.approx(exact, abs=SIX_DIGITS)


@pytest.mark.parametrize("name", ["A", "C", "D"])
def test_unitizing_examples_of_the_paper(name, expected):
    own = expected["Krippendorff 1995, p. 57"]
    scale = own["scale"][name]
    coders = [{name: (scale * np.array(part)).tolist()} for part in own["marked"][name]]
    found = unitizing_alpha(coders, 0, scale * own["length"])
    disagreement = own["observed"][name], own["expected"][name]
    assert found.disagreement[name] == pytest.approx(disagreement, abs=LAST_OF_FIVE)
    assert found.by_category[name] == pytest.approx(own["alpha"][name], abs=THREE_DIGITS)


def marked_in(file):
    """Stretches by theme from the comments of a document, as Dedoose exports them."""
    path = FOLDER / file
    if not path.exists():
        pytest.skip(
            f"{file} is not here: character-level agreement of real exports is NOT tested. "
            f"Put it into a folder and name that folder in the variable {VARIABLE}"
        )
    comments = zipfile.ZipFile(path).read("word/comments.xml").decode()
    found = {}
    for comment in comments.split("<w:comment ")[1:]:
        place, *themes = re.findall(r"<w:t(?: [^>]*)?>([^<]+)</w:t>", comment)
        begin, end = map(int, re.fullmatch(r"Codes \((\d+)-(\d+)\)", place).groups())
        for theme in themes:
            found.setdefault(theme, []).append((begin, end))
    return found


@pytest.fixture(scope="module")
def transcripts(expected):
    own = expected["Dedoose transcripts, character by character"]
    return own, [marked_in(file) for file in own["files"]]


def trap(coders, themes, characters):
    """Each theme is a page of its own, so that several are pooled."""
    pages = [{theme: marked.get(theme, []) for theme in themes} for marked in coders]
    return kappa_over_characters_trap(pages, dict.fromkeys(themes, characters))


def test_characters_as_units_give_the_known_trap(transcripts):
    own, coders = transcripts
    for theme, kappa in own["cohen of a and b"].items():
        if kappa is None:
            with pytest.raises(CompendiumError, match="1 distinct values"):
                trap(coders[:2], [theme], own["characters"])
            continue
        found = trap(coders[:2], [theme], own["characters"])
        assert found.estimate == pytest.approx(kappa, abs=SIX_DIGITS), theme
    pooled = trap(coders[:2], list(own["cohen of a and b"]), own["characters"])
    assert pooled.estimate == pytest.approx(own["pooled"]["kappa"], abs=CUT_OFF)
    assert pooled.units == own["pooled"]["characters"]
    for theme, kappa in own["fleiss"].items():
        found = trap(coders, [theme], own["characters"])
        assert found.estimate == pytest.approx(kappa, abs=SIX_DIGITS), theme


def test_segments_of_the_same_transcripts_claim_nothing(transcripts):
    """The stretches overlap to one segment: one decision, from which nobody knows agreement.

    Character by character, the same marks gave Policy views .58 with an interval .25 wide.
    """
    own, coders = transcripts
    coded = pd.DataFrame(
        [
            (f"{coder} {theme} {begin}", "transcript", theme, coder, begin, end)
            for coder, marked in zip("abc", coders, strict=True)
            for theme, stretches in marked.items()
            for begin, end in stretches
        ],
        columns=["excerpt", "document", "theme", "coder", "start", "end"],
    )
    units = coding_units(coded)
    assert len(units) == 3
    for theme in own["cohen of a and b"]:
        decisions = units[theme].to_numpy(float)[None]
        found = presence_agreement(decisions, np.zeros(1), **DECISION)
        assert np.isnan(found.kappa.estimate)
        assert found.share == pytest.approx(1 if theme != "Personal use" else 1 / 3)
    narrow = trap(coders[:2], ["Policy views"], own["characters"])
    assert narrow.upper - narrow.lower < 0.25
