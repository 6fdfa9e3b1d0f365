"""Many papers of one kind: one is laid out, the others are written into its pages.

    cohort = Cohort()
    data = [cohort.render(html) for html in papers]      # each looks as pdf.render(html) would

Layout is nearly all that a paper costs, and the schedules of a version differ in a few hundred words. So a
paper that was laid out is kept as a Template: its HTML in pieces, and where in its pages each text and each
picture was drawn. Another paper with the same tags is compared with it piece by piece. Text that differs is
shaped by WeasyPrint and put in the place of the old; whatever else differs, and text that does not take the
same room, is a Misfit, and that paper is laid out itself. So everything in a paper's own HTML is on it, and
nothing else can come onto it, whosever paper the template was.

It leans on how WeasyPrint writes text (BT, Tm, ET inside marked content) and on names inside it. That is why
its version is pinned, and why tests/pdf/test_cohort.py compares pictures, text and structure.
"""

from reports.cohort.pieces import Misfit
from reports.cohort.template import Cohort, Template

__all__ = ["Cohort", "Misfit", "Template"]
