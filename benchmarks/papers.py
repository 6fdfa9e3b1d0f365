"""Papers: what the way to one costs beside laying it out, and how much two workers build."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from benchmarks.figures import Figure, beside, figure
from drill.ground import Ground

REPORTS, ROUNDS = 40, 8
"""Reports that one worker and two workers build, and rounds of what takes seconds."""
DATABASES = ("postgresql",)


def figures(ground: Ground) -> Iterator[Figure]:
    asking = Asking(ground)
    yield asking.schedule()
    yield asking.keeping()
    one = asking.built_by(1)
    two = asking.built_by(2)
    name = f"progress reports a second with 2 workers, beside 1 ({REPORTS} reports)"
    yield figure(name, two, one, goal=">= 1.8", unit="/s", n=REPORTS)


class Asking:
    def __init__(self, ground: Ground) -> None:
        self.ground, self.cast, self.turn = ground, ground.cast, 0
        for code in ("1a", "2g", "3b"):
            self.cast.sign(self.cast.ana, code)
        self.cast.approved(self.cast.ana, self.cast.ojt(minutes=60))

    def run(self, document: str) -> Any:
        """One more report of Ana, of days that nobody has asked for yet."""
        from django.utils import timezone

        from reports.models import ReportRun
        from tests.cast import STARTED

        self.turn += 1
        first = STARTED + timedelta(self.turn % 250)
        days = {"to_day": first} if document == "schedule" else {"from_day": STARTED, "to_day": first}
        people = (self.cast.nora, self.cast.marcus, self.cast.ruth)
        return ReportRun.objects.start(
            by=people[self.turn % 3],
            now=timezone.now(),
            document=document,
            apprentice=self.cast.ana,
            **days,
        )

    def html(self, document: str) -> str:
        from django.utils import timezone

        from reports import documents

        return documents.of(self.run(document), now=timezone.now()).sections[0]()

    def schedule(self) -> Figure:
        """From the rows to the bytes, beside the layout engine alone on the same HTML."""
        from django.utils import timezone

        from reports import documents, pdf

        run = self.run("schedule")
        html = documents.of(run, now=timezone.now()).sections[0]()

        def whole() -> bytes:
            document = documents.of(run, now=timezone.now())
            return pdf.join([pdf.layout(section()) for section in document.sections])

        name = "work process schedule as PDF, whole path"
        return beside(name, whole, bare(html), goal="<= 1.1", n=ROUNDS)

    def keeping(self) -> Figure:
        """Asking, queueing, claiming, keeping the file and finishing, beside building the same paper."""
        from django.utils import timezone

        from reports import documents, pdf, tasks
        from reports.cohort import Cohort
        from reports.models import ReportRun

        def all_of_it() -> None:
            run = self.run("schedule")
            tasks.ALIKE = Cohort()  # laid out, as the first of its version is
            tasks.send(run)
            claimed = ReportRun.objects.claim(run.pk, now=timezone.now())
            assert claimed
            tasks.build_claimed(claimed)
            run.refresh_from_db()
            assert run.state == "done", run.state

        run = self.run("schedule")

        def built() -> bytes:
            document = documents.of(run, now=timezone.now())
            return pdf.join([pdf.layout(section()) for section in document.sections])

        name = "a report with queue, row and file, beside the bare render"
        return beside(name, all_of_it, built, goal="<= 1.05", n=ROUNDS)

    def built_by(self, children: int) -> float:
        """Progress reports a second that so many worker processes build, from the first to the last."""
        from celery import current_app

        from reports import tasks
        from reports.models import ReportRun

        current_app.control.purge()
        worker = self.ground.worker(f"worker of {children}", children=children)
        warm = [self.run("progress") for _ in range(2 * children)]
        self._send(tasks, warm)
        self._wait(ReportRun, [run.pk for run in warm])
        pks: list[int] = []
        begun = time.perf_counter()
        while len(pks) < REPORTS:
            pks += self._some(tasks, ReportRun, pks)
            time.sleep(0.02)
        self._wait(ReportRun, pks)
        seconds = time.perf_counter() - begun
        worker.terminate()
        worker.wait(30)
        return REPORTS / seconds

    def _some(self, tasks: Any, rows: Any, pks: list[int]) -> list[int]:
        """Two more for everybody who may ask; a person may have ten unfinished ones."""
        waiting = rows.objects.everyone().filter(pk__in=pks, state__in=["queued", "running"]).count()
        more = [self.run("progress") for _ in range(min(REPORTS - len(pks), 12 - waiting))]
        self._send(tasks, more)
        return [run.pk for run in more]

    def _send(self, tasks: Any, runs: list[Any]) -> None:
        for run in runs:
            tasks.send(run)

    def _wait(self, rows: Any, pks: list[int]) -> None:
        def done() -> bool:
            return rows.objects.everyone().filter(pk__in=pks, state="done").count() == len(pks)

        self.ground.wait(done, "the reports are not built")


def bare(html: str) -> Callable[[], bytes]:
    """WeasyPrint alone, as its own documentation calls it, with our fonts."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    from reports import pdf

    def render() -> bytes:
        source = HTML(string=html, base_url=pdf.BASE, url_fetcher=pdf.Assets())
        data: bytes = source.write_pdf(font_config=FontConfiguration(), pdf_variant=pdf.VARIANT)
        return data

    return render
