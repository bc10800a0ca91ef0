"""Reads beyond one question at a time: as frames, and several in one way to the server."""
