"""The physician advisor: questions on a ladder, decisions, talks with payers' physicians, messages to attendings."""
