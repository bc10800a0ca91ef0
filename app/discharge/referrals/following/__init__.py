"""What follows a referral: answers of vendors, what closes it, what brings it back, what other features tell."""
