"""Days of a long-term stay as its payment counts them: threshold, interruptions, benefit days."""
