"""REST: hours, sign-offs and progress."""
