"""The outside world: HL7 v2 over MLLP today, other formats beside it.

Everything that reaches the rest of the application from here is already a typed fact; bytes, separators and
character sets stay in this folder.
"""
