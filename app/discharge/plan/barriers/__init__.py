"""What stands in the way of a discharge, who clears it, until when."""
