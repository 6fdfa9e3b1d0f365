"""Figures that the product states about itself. One script a figure; `make bench` runs all of them."""
