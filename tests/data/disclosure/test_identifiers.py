import pandas as pd
import pyreadstat
import pytest

from learning_with_others.data.disclosure.identifiers import student_identifiers


def test_the_embedded_study_has_its_children(study, students):
    assert student_identifiers(study) == set(students["student"])


@pytest.mark.parametrize(
    ("values", "shown"), [([7.0, 100_017.0, None], {"7", "100017"}), (["a1", "b2"], {"a1", "b2"})]
)
def test_identifiers_of_an_spss_file_are_written_as_people_would(study, tmp_path, values, shown):
    pyreadstat.write_sav(pd.DataFrame({"student": values, "x": 1.0}), tmp_path / "s.sav")
    table = study.tables.students.model_copy(update={"path": "s.sav"})
    tables = study.tables.model_copy(update={"students": table})
    elsewhere = study.model_copy(update={"folder": tmp_path, "tables": tables})
    assert student_identifiers(elsewhere) == shown
