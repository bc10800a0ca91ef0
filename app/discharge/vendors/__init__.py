"""The registry of vendors to whom patients are referred: what they can do, who pays them, how good they are."""
