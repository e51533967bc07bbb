"""Families of outcomes: all that is particular to a likelihood, one object in one file each."""
