"""Bringing a schedule in on a page: upload, look at what was read, correct its header, store it."""
