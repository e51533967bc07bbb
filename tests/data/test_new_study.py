import numpy as np

from learning_with_others.data.new_study import STUDENTS, invented_students, new_study
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.response_invariance import ladders
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.psychometrics.response_models.ladder import ResponseLadder
from learning_with_others.study import load_study


def test_the_invented_students_are_always_the_same():
    assert invented_students() == invented_students()


def test_a_new_study_can_be_measured_and_modelled_as_it_stands(tmp_path):
    new_study(tmp_path / "mine")
    study = load_study(tmp_path / "mine")
    students = read_study(study).students
    (ladder,) = ladders(students, study, codebook_of(study)["students"]).values()
    assert isinstance(ladder, ResponseLadder)
    outcome = standardized_outcome(students, study, "grade_points")
    design = benefit_design(students, study)
    assert design.left_out == ()
    assert np.isfinite(design.frame(outcome).columns).all()
    assert len(students) == STUDENTS
