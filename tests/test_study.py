import pytest
from conftest import ROOT

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.fingerprints import content_hash
from learning_with_others.study import check_data_files, load_study
from learning_with_others.study.disclosure_policy import Disclosure


def broken(folder, old, new):
    path = folder / "study.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(CompendiumError) as caught:
        load_study(folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("focal: Black", "fokal: Black", ["roles.group.fokal: unknown key", "'focal'"]),
        (
            "focal: Black",
            "foo: Black",
            ["roles.group.foo", "valid: label, column, select, coding, focal, reference"],
        ),
        ("minimum_cell: 10", "minimum_cell: ten", ["analysis.minimum_cell", "'ten'"]),
        ("minimum_cell: 10", "minimum_cell: 0", ["analysis.minimum_cell", "0"]),
        (
            "minimum_cell: 10",
            "minimum_cell: 10\n  primary: maths",
            ["analysis.primary: 'maths' is no outcome", "'math'"],
        ),
        ("synthetic: false\n", "", ["synthetic: missing"]),
        ("raw/students.csv.gz", "../../secret.csv", ["leaves the study's folder"]),
        ("raw/students.csv.gz", "/etc/passwd", ["leaves the study's folder"]),
        ("synthetic: false", "synthetic: false\nsynthetic: true", ["given twice", "'synthetic'"]),
        ("synthetic: false", "synthetic: [", ["not readable as YAML"]),
        ("synthetic: false", "synthetic: !!python/object/apply:os.getcwd []", ["not readable"]),
        ("name: project-star", "name: Project Star", ["name:", "'Project Star'"]),
        ("focal: Black", "coding: multiracial_apart\n    focal: Black", ["goes with one column"]),
        ("reference: White", "reference: Black", ["are the same group"]),
        ("column: class_type", "scale: climate", ["'climate' is no construct"]),
        ("varies_by: classroom", "varies_by: student", ["where the exposure varies by classroom"]),
        ("classroom: teacher", "grade: grade", ["given twice"]),
        ("  grade: grade\n", "", ["assigned at entry needs roles.grade"]),
        ("assigned: at_entry", "assigned: at_birth", ["exposure.assigned: ", "'at_entry'"]),
        ("    math: { label", "    math: { labl", ["outcomes.math.labl: unknown key", "'label'"]),
        ("key: [student, grade]", "key: [student, grade]\n    row: {}", ["students.row", "'rows'"]),
        ("name: project-star", "folder: /tmp\nname: project-star", ["folder: unknown key"]),
        ("people: children", "people: ''", ["people: ", "at least 1 character"]),
        (
            "policy: public",
            "policy: open",
            ["disclosure.policy: ", "'protected' or 'public'", "'open'"],
        ),
        ("policy: public", "polisy: public", ["disclosure.polisy: unknown key", "'policy'"]),
        ("policy: public", "rounding_base: 1", ["disclosure.rounding_base: ", "equal to 2"]),
        ("policy: public", "rounding_base: 101", ["disclosure.rounding_base: ", "equal to 100"]),
        ("policy: public", "possible_values: 1", ["disclosure.possible_values: ", "equal to 2"]),
        (
            "policy: public",
            "rounding_base: 4",
            ["disclosure: possible_values: 5 is more than rounding_base: 4", "raise rounding_base"],
        ),
        (
            "synthetic: false",
            "synthetic: false\nrestricted: true",
            ["disclosure.policy: 'public', but restricted: true", "write policy: protected"],
        ),
        (
            "synthetic: false",
            "synthetic: true",
            ["disclosure.policy: 'public', but synthetic: true", "write policy: protected"],
        ),
        (
            "  group:\n",
            "  race: { focal: Black, reference: White }\n  group:\n",
            ["roles: group and race are two names", "keep roles.group and remove roles.race"],
        ),
    ],
)
def test_a_broken_definition_names_key_value_and_choices(study_folder, old, new, expected):
    message = broken(study_folder, old, new)
    assert "study.yaml" in message
    for part in expected:
        assert part in message


def test_a_broken_combination_is_told_without_the_whole_study(study_folder):
    message = broken(study_folder, "synthetic: false", "synthetic: true")
    assert "value:" not in message
    assert "Value error" not in message


def test_race_is_another_name_of_the_group(study_folder):
    path, before = study_folder / "study.yaml", load_study(study_folder)
    path.write_text(path.read_text().replace("  group:\n", "  race:\n"))
    assert load_study(study_folder) == before
    message = broken(study_folder, "focal: Black", "fokal: Black")
    assert "roles.race.fokal: unknown key; did you mean 'focal'" in message


def test_words_and_policy_have_defaults(study_folder):
    path = study_folder / "study.yaml"
    declared = ("people:", "    label: race", "disclosure:", "  policy:")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith(declared)))
    study = load_study(study_folder)
    assert (study.people, study.roles.group.label) == ("students", "race")
    assert study.disclosure == Disclosure(policy="protected", rounding_base=10, possible_values=5)


def test_each_study_says_its_policy():
    policies = {
        path.parent.name: (
            load_study(path.parent).people,
            load_study(path.parent).disclosure.policy,
        )
        for path in (ROOT / "data").glob("*/study.yaml")
    }
    assert policies == {
        "learning-with-others": ("students", "protected"),
        "project-star": ("children", "public"),
        "project-star-grade8": ("children", "public"),
    }


def test_no_estimate_rests_on_words_or_policy(study_folder):
    path, before = study_folder / "study.yaml", load_study(study_folder).design
    text = path.read_text()
    for old, new in (
        ("people: children", "people: pupils"),
        ("label: race ", "label: ethnicity "),
        ("policy: public", "policy: protected\n  rounding_base: 20\n  possible_values: 7"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    study = load_study(study_folder)
    assert (study.people, study.roles.group.label) == ("pupils", "ethnicity")
    assert study.disclosure == Disclosure(rounding_base=20, possible_values=7)
    assert study.design == before
    assert content_hash(study.design) == content_hash(before)


def test_all_broken_keys_are_listed_at_once(study_folder):
    path = study_folder / "study.yaml"
    text = path.read_text().replace("question:", "qestion:")
    path.write_text(text.replace("synthetic: false", "synthetic: maybe"))
    with pytest.raises(CompendiumError) as caught:
        load_study(study_folder)
    for key in ("question: missing", "qestion: unknown key", "synthetic: "):
        assert key in str(caught.value)


def test_no_study_here(tmp_path):
    with pytest.raises(CompendiumError, match=r"no study\.yaml here"):
        load_study(tmp_path)


def test_an_empty_definition(tmp_path):
    (tmp_path / "study.yaml").write_text("")
    with pytest.raises(CompendiumError, match="holds no keys"):
        load_study(tmp_path)


def test_a_changed_data_file_is_refused(study_folder):
    study = load_study(study_folder)
    check_data_files(study)
    with study.path(study.tables.students).open("ab") as file:
        file.write(b" ")
    with pytest.raises(CompendiumError, match="not the one declared"):
        check_data_files(study)


@pytest.mark.parametrize("name", ["raw/students.csv.gz", "codebook.csv"])
def test_a_missing_file_is_named(study_folder, name):
    (study_folder / name).unlink()
    with pytest.raises(CompendiumError, match="is missing") as caught:
        check_data_files(load_study(study_folder))
    assert name in str(caught.value)


def test_experiences_that_carry_the_pathway_are_outcomes_too():
    """Of claim C1, before belonging; each has one column, of outcome and pathway alike."""
    study = load_study(ROOT / "data/learning-with-others")
    experiences = ["personalization", "teacher_support"]
    assert list(study.roles.outcomes)[:3] == [*experiences, "belonging"]
    for name in study.pathway_columns:
        assert study.pathway_columns[name] == study.roles.outcomes[name].name
