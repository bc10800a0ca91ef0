"""Notices that Medicare requires: their delivery with evidence, the official forms, and the appeals that follow."""
