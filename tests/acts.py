"""Things that people of the cast did, for tests that want something in every state."""

from ojt_logs.models import AttestationLink, Authentication, OutsideAttestation, PeriodicReview, Rating
from ojt_logs.models.outside import Journeyworker, Seen
from ojt_logs.models.reviews import Said
from ojt_logs.periodic_reviews import figures_of
from tests.cast import NOW, TODAY, Cast


def reviewed(cast: Cast) -> PeriodicReview:
    """What Marcus wrote of Ana, which she has not answered."""
    words = dict.fromkeys(("progress", "conduct", "safety", "instruction", "aims"), "Well.")
    return PeriodicReview.objects.sign(
        cast.ana,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        held_on=TODAY,
        said=Said(**words),
        step="none",
        figures=figures_of(cast.ana, as_of=TODAY),
    )


def attested_by_somebody(cast: Cast) -> OutsideAttestation:
    """What somebody without an account says of Ana's work."""
    competency = cast.competency("2g")
    _, token = AttestationLink.objects.issue(
        cast.ana, by=cast.nora, now=NOW, competencies=[competency], way="code"
    )
    ratings = [Rating(competency.standards.all()[0], cast.level(3))]
    return OutsideAttestation.objects.attest(
        token,
        person=Journeyworker("Eli Ruiz", "Senior coder", "North Clinic", "eli@north.example"),
        seen=Seen("observed", TODAY, TODAY, ratings),
        time_zone="America/Chicago",
        now=NOW,
    )
