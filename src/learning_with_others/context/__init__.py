"""What teachers, students and observers say helps or hinders, joined to the numbers."""
