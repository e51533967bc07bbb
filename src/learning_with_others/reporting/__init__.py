"""Results, tables, figures and documents: everything people read is written here."""
