"""The interface monitor: whether the feeds speak, what waits, what was refused, what a person should look at."""
