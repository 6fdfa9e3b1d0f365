"""What was signed about one competency, standard by standard, with what was taken back and disagreed on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apprenticeship.models import Apprentice
from competencies.models.scales import span
from ojt_logs.models import SelfRating, SignOff
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
    own: SelfRating | None = None
    """How the apprentice rated themselves last; in no figure."""

    @property
    def voices(self) -> tuple[SignOff, ...]:
        """What each rater says now, the newest standing rating of each, by name; never averaged."""
        newest: dict[int, SignOff] = {}
        for one in self.ratings:
            if one.withdrawal is None:
                newest.setdefault(one.row.signer_id, one.row)
        return tuple(sorted(newest.values(), key=lambda row: row.signer_name))

    @property
    def difference(self) -> str:
        """Where raters say different things: “Raters differ: 2 to 4”; "" where they agree or one spoke."""
        values = {row.rating.value for row in self.voices if row.rating}
        return span(values) if len(values) > 1 else ""

    @property
    def disagreement(self) -> SignOff | None:
        """The newest standing rating that contradicts an earlier pass; the pass stands."""
        standing = [one.row for one in self.ratings if one.withdrawal is None]
        return next((row for row in standing if any(map(row.contradicts, standing))), None)


def signed_standards(
    apprentice: Apprentice,
    competency: CompetencyProgress,
    *,
    sign_offs: SignOffQuerySet,
    own: Mapping[UUID, Sequence[SelfRating]],
) -> list[SignedStandard]:
    """Each standard of the competency with the rows of `sign_offs` about it, found by lineage, and the newest
    of the apprentice's `own` ratings. Two queries."""
    rows = (
        sign_offs.filter(apprentice=apprentice, competency__lineage=competency.competency.lineage)
        .select_related("performance_standard", "competency", "rating")
        .prefetch_related("comments__by")
        .order_by("-signed_at", "-pk")
    )
    return [
        SignedStandard(one, tuple(_about(one, rows)), next(iter(own.get(one.lineage, ())), None))
        for one in competency.standards
    ]


def _about(standard: StandardProgress, rows: Iterable[SignOff]) -> Iterable[Signed]:
    target = standard.standard or standard.competency
    withdrawals = {row.withdraws_id: row for row in rows if row.withdraws_id}
    for row in rows:
        if row.lineage == target.lineage and not row.withdraws_id:
            yield Signed(row, withdrawals.get(row.pk))
