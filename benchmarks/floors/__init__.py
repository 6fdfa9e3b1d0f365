"""The least code that does the same visible work as ours, each beside the figure that it is the floor of.

A floor may leave out what nobody sees: models, serializers, permissions beyond the rows of this one reader,
words for refusals. What it answers is compared with our answer before anything is measured.
"""
