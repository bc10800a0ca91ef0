"""Calls after discharge: the script, the record of a call, what calls find."""
