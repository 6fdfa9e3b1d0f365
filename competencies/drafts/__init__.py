"""Changing a draft of a schedule: the acts, their forms and pages."""
