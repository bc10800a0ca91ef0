"""Referrals to vendors: one need asked of many, the packet as sent, their answers through a link, what closes them."""
