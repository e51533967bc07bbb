"""The report: one page from the results, tables and figures of all stages."""
