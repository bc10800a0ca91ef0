"""What those who operate the program ask it: whether it lives, whether it is ready, its figures."""
