"""The study definition: read from `study.yaml` once, validated, then trusted."""

from learning_with_others.study.definition import PROFILES, Study, StudyDesign
from learning_with_others.study.loading import check_data_files, load_study

__all__ = ["PROFILES", "Study", "StudyDesign", "check_data_files", "load_study"]
