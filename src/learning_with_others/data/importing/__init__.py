"""Read a researcher's file, whatever its format, into one plain table; nothing lost or changed."""

from learning_with_others.data.importing.chunks import iterate_chunks
from learning_with_others.data.importing.dispatch import read_raw_table
from learning_with_others.data.importing.qualitative.coded_files import read_coded_project
from learning_with_others.data.importing.raw_table import RawTable

__all__ = ["RawTable", "iterate_chunks", "read_coded_project", "read_raw_table"]
