"""The study definition: read from `study.yaml` once, validated, then trusted."""

from learning_with_others.study.definition import PROFILES, Study
from learning_with_others.study.loading import check_data_files, hash_file, load_study

__all__ = ["PROFILES", "Study", "check_data_files", "hash_file", "load_study"]
