"""Classrooms as students, observers and teachers report them."""
