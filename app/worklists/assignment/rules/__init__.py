"""How stays are shared out: minutes of work, rules, splits and balances. Pure: no database, no clock."""
