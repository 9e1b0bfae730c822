"""How a collection runs: its board, its start, its round-ups, what files bring to it."""
