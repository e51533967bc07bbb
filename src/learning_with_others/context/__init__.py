"""What the school is like for group work: teachers, observers and students' own words."""
