"""What a study declares of its joint displays is refused where it could not be shown."""

import pytest
from conftest import ROOT

from learning_with_others.errors import CompendiumError
from learning_with_others.study import load_study

STUDY = (ROOT / "data/learning-with-others/study.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    RQ2:\n", "    rq1:\n", ["joint_displays", "'RQ1' in other case"]),
        ("    RQ2:\n", "    Who / what:\n", ["joint_displays.Who / what"]),
        (
            "{ measure: interdependence }",
            "{ measure: teacher_support }",
            ["joint_displays.RQ2", "'teacher_support' stands in two rows"],
        ),
        (
            "{ measure: interdependence }",
            "{ measure: hin_4 }",
            ["joint_displays.RQ2.rows", "give each kind a display"],
        ),
        (
            "{ measure: interdependence }",
            "{ measure: interdependance }",
            ["joint_displays.RQ2.rows.4.measure", "interdependence"],
        ),
        ("minimum_cell: 10", "minimum_cell: 3", ["minimum_cell: 3", "raise minimum_cell to 6"]),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path, old, new, expected):
    assert STUDY.count(old) == 1
    (tmp_path / "study.yaml").write_text(STUDY.replace(old, new), encoding="utf-8")
    with pytest.raises(CompendiumError) as caught:
        load_study(tmp_path)
    for part in expected:
        assert part in str(caught.value)
