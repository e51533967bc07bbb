"""Disclosure control: groups that are pooled, identifiers, and the scan of executed notebooks."""

from learning_with_others.data.disclosure.suppression import OTHER_GROUPS, reporting_groups

__all__ = ["OTHER_GROUPS", "reporting_groups"]
