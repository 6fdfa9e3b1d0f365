"""Outline -> the same outline as rows give it back: one spelling of codes, one order of rows."""

from dataclasses import replace
from operator import attrgetter

from competencies.codes import normalise_onet, normalise_rapids
from competencies.imports import outline as o
from competencies.models.scales import rank


def normal(outline: o.ScheduleOutline) -> o.ScheduleOutline:
    """The schedule as it will read when it comes back from rows, so that equal content hashes alike.

    What rows know by a number stands in the order of numbers; all else keeps the order of the document.
    """
    return replace(
        outline,
        occupation=normal_occupation(outline.occupation),
        onet_code=normalise_onet(outline.onet_code),
        rapids_code=normalise_rapids(outline.rapids_code),
        rating_scale=normal_scale(outline.rating_scale) if outline.rating_scale else None,
        cross_cutting_scale=tuple(sorted(outline.cross_cutting_scale)),
        job_functions=tuple(sorted(outline.job_functions, key=attrgetter("number"))),
        cross_cutting=tuple(sorted(outline.cross_cutting, key=attrgetter("tier"))),
    )


def normal_occupation(node: o.OccupationOutline) -> o.OccupationOutline:
    """The occupation with its codes in canonical spelling, under which it is searched."""
    return replace(
        node, onet_code=normalise_onet(node.onet_code), rapids_code=normalise_rapids(node.rapids_code)
    )


def normal_scale(node: o.ScaleOutline) -> o.ScaleOutline:
    """The scale with its levels highest first."""
    return replace(node, levels=tuple(sorted(node.levels, key=lambda one: rank(one.value), reverse=True)))
