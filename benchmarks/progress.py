"""How far one apprentice is, over REST."""

from collections.abc import Iterator

from benchmarks.figures import Figure, beside
from drill.ground import Ground


def figures(ground: Ground) -> Iterator[Figure]:
    from benchmarks.asking import bare, view_only
    from benchmarks.crowd import crowd
    from benchmarks.floors.progress import progress
    from ojt_logs.api.progress import ProgressView

    cast = ground.cast
    one = crowd(cast, "Coders of a year", people=500, each=74).apprentices[7]
    path, view = f"/api/v1/apprentices/{one.uid}/progress/", ProgressView.as_view()
    yield beside(
        "progress of one apprentice over the API",
        lambda: view_only(view, path, one.user, id=str(one.uid)),
        lambda: progress(bare(path), one.uid).content,
        goal="<= 1.5",
    )
