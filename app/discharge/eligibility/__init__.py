"""Who may go where: the conditions of payment of post-acute care."""
