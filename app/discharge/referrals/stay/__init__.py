"""Referrals on the pages of a stay: the tab, the page that sends, what others are lent."""
