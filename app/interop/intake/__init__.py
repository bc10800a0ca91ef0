"""What surrounds the inbox: single messages, files, and the ones that wait for a person or a facility."""
