"""School context: what teachers, observers and sessions say, beside the surveys."""
