"""The synthetic study with four of its scales, read once."""

from functools import cache

from conftest import ROOT

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.study import load_study

SCALES = ("personalization", "belonging", "collaboration_frequency", "supports")


@cache
def four_scales():
    """Students, the study (one of the scales is the teachers'), and the students' codebook."""
    study = load_study(ROOT / "data/learning-with-others")
    kept = {name: study.constructs[name] for name in SCALES}
    reduced = study.model_copy(update={"constructs": kept})
    return read_study(study).students, reduced, codebook_of(study)["students"]


@cache
def compared_students():
    """Students of the two groups compared."""
    students, study, _ = four_scales()
    group_role = study.roles.group
    return students[students[group_role.column].isin([group_role.focal, group_role.reference])]
