"""What Journeybook needs of a machine. Only the standard library: nothing else is installed yet."""
