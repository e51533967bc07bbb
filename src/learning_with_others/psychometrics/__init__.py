"""Arrays of answers in, estimates of measurement out. Knows no study."""
