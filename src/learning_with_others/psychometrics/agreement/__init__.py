"""Agreement of raters, and of the sources that describe the same classrooms."""
