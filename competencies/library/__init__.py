"""The library of learning resources: its pages, its files, what there is to study for a competency."""
