"""Who has how long to answer, as each facility sets it, and the timers that move a question up."""
