"""Who may do what: permissions, roles, people, their sessions and what each of them may see."""
