"""How a person proves who they are beside the password: seeds of one-time codes, recovery codes, proofs asked again."""
