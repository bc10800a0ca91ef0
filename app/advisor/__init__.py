"""The physician advisor: escalations and their ladder, decisions, talks with payers' physicians, questions to attendings."""
