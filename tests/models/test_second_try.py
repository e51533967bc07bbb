"""A fit to one of several plausible values that misses its gate is run again, longer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.data.reading import read_study
from learning_with_others.models import benefit_fit, drawn
from learning_with_others.study import load_study


@pytest.fixture
def case():
    study = load_study(ROOT / "data/learning-with-others")
    students = read_study(study).students
    rng = np.random.default_rng(1)
    values = pd.concat(
        [
            students[["student", "collaboration"]].assign(
                collaboration=lambda rows: rows["collaboration"] + rng.normal(0, 0.1, len(rows)),
                **{NUMBER: number},
            )
            for number in range(3)
        ]
    )
    return study, benefit_fit.benefit_rows(students, study, "all", "gpa"), values


def test_the_longer_fit_takes_the_place_of_the_one_that_failed(case, monkeypatch):
    study, rows, values = case
    judged = []

    def diagnose(fit):
        found = real(fit)
        judged.append(fit["weighted"].sizes["draw"])
        return replace(found, worst={"pareto_k": 0.9}) if len(judged) == 2 else found

    real = drawn.diagnose
    monkeypatch.setattr(drawn, "diagnose", diagnose)
    found = benefit_fit.fit_benefit("gpa", rows["gpa"], study, values)
    short, long = drawn.ONE_OF_MANY, drawn.LONGER * drawn.ONE_OF_MANY
    assert judged == [short, short, long, short]
    assert found.draws["benefit.gap"].shape == (3, 4, short)
    assert np.isfinite(found.mixture["coefficient"]).all()
    assert not found.diagnosis.flag


def test_outcomes_have_random_streams_of_their_own_and_alternatives_share_theirs(case):
    study, _, _ = case
    gpa, other = (drawn.sampler_of(study, name, many=True) for name in ("gpa", "engagement"))
    again = drawn.sampler_of(study, "gpa", many=True)
    assert gpa(0) == again(0)
    seeds = {sampler(number).seed for sampler in (gpa, other) for number in range(100)}
    assert len(seeds) == 200
