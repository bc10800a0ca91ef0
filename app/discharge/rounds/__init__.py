"""The board of a unit for the daily huddle, conferences with actions, complex-case reviews."""
