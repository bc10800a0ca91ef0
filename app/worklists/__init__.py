"""Daily worklists: every stay a person must look at, in the order of the next consequence."""
