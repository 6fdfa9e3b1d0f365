"""The clock of the machine steps back two hours in the middle of everything: work goes on, no alarm is false.

The order of the record is that of its entries, not of their times.
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from ledger import chain, checkpoints
from ojt_logs import record, rollup, tasks
from reports.models import ReportRun
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import signed_in
from tests.reports.building import built

pytestmark = pytest.mark.django_db

BACK = NOW - timedelta(hours=2)


def test_people_work_on_and_the_record_is_whole(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    line = {"apprentice": str(cast.ana.uid), "kind": "ojt", "date": TODAY.isoformat(), "minutes": 45}
    line |= {"job_function": 2, "competency": "2g"}
    with time_machine.travel(NOW, tick=False):
        ana, marcus, phone = signed_in(cast.ana_user), Rest(cast.marcus), Rest(cast.ana_user)
        uid = phone.post("hours/", line, key="one")[1]["id"]
        assert phone.post(f"hours/{uid}/submit/")[0] == 200
        checkpoints.take(at=NOW)
        begun = ReportRun.objects.start(by=cast.nora, now=NOW, document="progress", apprentice=cast.ana)
    with time_machine.travel(BACK, tick=False):
        assert ana.get("/me/").status_code == 200
        assert phone.post("hours/", line, key="one")[1]["id"] == uid
        assert marcus.post(f"hours/{uid}/approve/")[0] == 200
        cast.sign(cast.ana, "1a")
        checkpoints.take(at=BACK)
        assert built(begun).state == "done"
        tasks.mail_notices()
        later = phone.post("hours/", line | {"minutes": 30})[1]["id"]
        assert phone.post(f"hours/{later}/submit/")[0] == 200
    with time_machine.travel(NOW, tick=False):
        assert marcus.post(f"hours/{later}/approve/")[0] == 200
        checkpoints.take(at=NOW)
        damage = [one for one in checkpoints.examine() if one.is_damage]
        assert [*damage, *chain.verify(), *record.compare(), *rollup.differences()] == []
