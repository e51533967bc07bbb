"""Stage: what teachers say helps or hinders, and what students say their school is like."""
