"""The simulated hospital: a seeded health system that speaks in ordinary ADT messages.

Nothing here writes to the database or knows how messages are read. What it sends goes through the same door as a real
hospital's feed, so every screen shows what a real feed would show. All people and places are invented.
"""
