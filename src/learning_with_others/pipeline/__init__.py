"""Run one notebook; only the Makefile calls this."""
