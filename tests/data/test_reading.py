import gzip

import pytest

from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file
from learning_with_others.study import load_study


def test_the_embedded_table_is_whole(students, study):
    # Thirteen columns of the file, and what each child was first assigned to.
    added = study.roles.at_entry.values()
    assert students.drop(columns=added).shape == (26_796, 13)
    assert len(added) == 4
    assert students["student"].nunique() == 11_598
    assert students["teacher"].nunique() == 1_387
    assert students["school"].nunique() == 80
    counts = students["race"].value_counts()
    assert (counts["White"], counts["Black"]) == (17_628, 8_869)
    assert students["race"].isna().sum() == 146


def test_class_type_is_constant_within_a_class(students):
    assert students.groupby(["grade", "teacher"], observed=True)["class_type"].nunique().max() == 1


def edit(folder, change):
    """Change the table's text and declare the new hash, as a user whose data changed would."""
    study = load_study(folder)
    text = gzip.decompress(study.path(study.tables.students).read_bytes()).decode()
    study.path(study.tables.students).write_bytes(gzip.compress(change(text).encode("utf-8")))
    definition = folder / "study.yaml"
    declared = definition.read_text().replace(
        study.tables.students.sha256, hash_file(study.path(study.tables.students))
    )
    definition.write_text(declared)
    return load_study(folder)


def replace_line(number, old, new):
    def change(text):
        lines = text.split("\n")
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return "\n".join(lines)

    return change


def repeat_line(text):
    lines = text.split("\n")
    return "\n".join([*lines[:5], lines[4], *lines[5:]])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            replace_line(3, ",W,", ",X,"),
            ["row 3", "column race", "'X'", "code without a label", "W"],
        ),
        (replace_line(4, "507", "5O7"), ["row 4", "column reading", "'5O7'", "not a number"]),
        (
            replace_line(1, "math", "maths"),
            ["column math", "that the file does not have", "column maths"],
        ),
        (replace_line(1, "race", "ethnicity"), ["column race", "that the file does not have"]),
        (repeat_line, ["row 6", "repeats the key of an earlier row", "student, grade"]),
    ],
)
def test_a_broken_table_names_file_row_column_and_value(study_folder, change, expected):
    study = edit(study_folder, change)
    with pytest.raises(CompendiumError) as caught:
        read_study(study)
    for part in ["students.csv.gz", *expected]:
        assert part in str(caught.value)


def test_a_column_the_codebook_does_not_describe_is_refused(study_folder):
    codebook = study_folder / "codebook.csv"
    lines = codebook.read_text().split("\n")
    codebook.write_text("\n".join(line for line in lines if ",teacher_experience," not in line))
    with pytest.raises(
        CompendiumError,
        match="teacher_experience: the file has a column that the codebook does not",
    ):
        read_study(load_study(study_folder))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("focal: Black", "focal: Blak", "did you mean 'Black'"),
        ("reference: regular", "reference: normal", "roles.exposure.reference"),
        ("school: school", "school: scool", "did you mean 'school'"),
        ("column: math,", "column: maths,", "did you mean 'math'"),
        ("column: math,", "column: gender,", "is not a number"),
    ],
)
def test_roles_name_columns_and_labels_that_exist(study_folder, old, new, expected):
    path = study_folder / "study.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(CompendiumError) as caught:
        read_study(load_study(study_folder))
    assert expected in str(caught.value)


def test_an_empty_file_is_refused(study_folder):
    study = edit(study_folder, lambda _: "")
    with pytest.raises(CompendiumError, match="empty"):
        read_study(study)
