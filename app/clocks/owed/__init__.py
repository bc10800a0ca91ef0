"""What is owed, shown: on the lists, on the page of a stay, in the night's news and in the calendar."""
