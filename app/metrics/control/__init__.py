"""Control: six figures about today's work, each with its patients, and the readmissions of the last twelve months."""
