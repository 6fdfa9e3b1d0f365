"""What was signed about one competency, standard by standard, with what was taken back and disagreed on."""

from collections.abc import Iterable
from dataclasses import dataclass

from apprenticeship.models import Apprentice
from ojt_logs.models import SignOff
from ojt_logs.models.sign_offs import SignOffQuerySet
from ojt_logs.progress import CompetencyProgress, StandardProgress


@dataclass(frozen=True)
class Signed:
    """One rating, and the row that withdrew it if there is one."""

    row: SignOff
    withdrawal: SignOff | None


@dataclass(frozen=True)
class SignedStandard:
    """A requirement with everything that was signed about it, newest first."""

    progress: StandardProgress
    ratings: tuple[Signed, ...]

    @property
    def disagreement(self) -> SignOff | None:
        """The newest standing rating that contradicts an earlier pass; the pass stands."""
        standing = [one.row for one in self.ratings if one.withdrawal is None]
        return next((row for row in standing if any(map(row.contradicts, standing))), None)


def signed_standards(
    apprentice: Apprentice, competency: CompetencyProgress, *, sign_offs: SignOffQuerySet
) -> list[SignedStandard]:
    """Each standard of the competency with the rows of `sign_offs` about it, found by lineage. One query."""
    rows = (
        sign_offs.filter(apprentice=apprentice, competency__lineage=competency.competency.lineage)
        .select_related("performance_standard", "competency", "rating")
        .order_by("-signed_at", "-pk")
    )
    return [SignedStandard(one, tuple(_about(one, rows))) for one in competency.standards]


def _about(standard: StandardProgress, rows: Iterable[SignOff]) -> Iterable[Signed]:
    target = standard.standard or standard.competency
    withdrawals = {row.withdraws_id: row for row in rows if row.withdraws_id}
    for row in rows:
        if row.lineage == target.lineage and not row.withdraws_id:
            yield Signed(row, withdrawals.get(row.pk))
