"""When and to whom a report is sent, each mail with what became of it."""
