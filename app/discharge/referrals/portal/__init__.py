"""The page that a link reaches: a vendor reads one referral and answers it, without an account."""
