"""Tasks that are about everybody go on for a while, and leave the rest to a message of their own."""

SLICE_SECONDS = 30.0
"""So long one goes on before other tasks have their turn."""
