"""Reading a census file: from bytes to rows in the words of the census, and a sentence for all that is not understood.

Pure.
"""
