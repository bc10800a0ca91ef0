"""X12 278 as plain text: requests for review, notifications and inquiries written, the answers of payers read. Pure.

Reading is tolerant of form and never guesses at meaning: what cannot be understood is a Finding with its segment.
"""
