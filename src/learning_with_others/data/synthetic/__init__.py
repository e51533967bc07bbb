"""A study with a known truth: declared numbers in, tables out."""
