"""Old parts of the audit trail in files: moved out, proven where they lie, read back for a question.

A file holds, line by line and compressed, each seal as a JSON object and under it the rows that it covers, as the very
text that was hashed. So it is verified without a database, and the rows come back as they were. With a key it is
encrypted in the age format. The database keeps which seals lie in which file.
"""
