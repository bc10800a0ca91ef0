"""The core of the core: pure values and arithmetic that every other module may use.

Standard library and msgspec only, nothing of this application, no clock, no database.
"""
