"""A fit to one of several plausible values that misses its gate is run again, longer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.data.reading import read_study
from learning_with_others.models import benefit_fit
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
        judged.append(fit["posterior"].sizes["draw"])
        return replace(found, divergences=1) if len(judged) == 2 else found

    real = benefit_fit.diagnose
    monkeypatch.setattr(benefit_fit, "diagnose", diagnose)
    found = benefit_fit.fit_benefits(rows, study, values)["gpa"]
    short, long = benefit_fit.ONE_OF_MANY, benefit_fit.LONGER * benefit_fit.ONE_OF_MANY
    assert judged == [short, short, long, short]
    assert found.draws["benefit.gap"].shape == (3, 4, short)
    assert np.isfinite(found.mixture["coefficient"]).all()
    assert not found.diagnosis.flag
