"""`manage.py export_schedule`: the blank schedule by its code, or one sentence and no file."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from reports.blank import choose
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def export(code: str, target: Path, **options: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("export_schedule", code, output=str(target), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_command_replaces_the_file_and_says_what_it_wrote(cast: Cast, tmp_path: Path) -> None:
    target = tmp_path / "schedule.pdf"
    target.write_bytes(b"old")
    told, _ = export("1114", target)
    pages = len(PdfReader(BytesIO(target.read_bytes())).pages)
    assert told.startswith(f"{target}: Medical Records") and f"{pages} pages" in told
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("spelling", ["1114", " 1114 "])
def test_plain_number_means_the_public_framework(cast: Cast, spelling: str) -> None:
    schedule, remark = choose(spelling)
    assert (schedule.sponsor, schedule.approach, remark) == (None, None, "")


@pytest.mark.parametrize("spelling", ["1114CB", "1114cb", "1114 CB", "1114-cb"])
def test_registered_code_of_a_sponsor_means_its_own_version(cast: Cast, spelling: str) -> None:
    schedule, _ = choose(spelling, sponsor="lakeside HEALTH")
    assert (schedule.sponsor, schedule.rapids_code) == (cast.lakeside, "1114CB")


def test_code_that_several_sponsors_registered_gives_the_framework_and_says_so(cast: Cast) -> None:
    schedule, remark = choose("1114CB")
    assert schedule.sponsor is None
    assert "Lakeside Health registered 1114CB" in remark and "--sponsor" in remark


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("9999", "No published schedule has the RAPIDS code 9999."),
        ("coder", "“coder” is no RAPIDS code."),
        ("", "“” is no RAPIDS code."),
    ],
)
def test_unknown_code_gets_one_sentence_and_no_file(cast: Cast, tmp_path: Path, code: str, told: str) -> None:
    with pytest.raises(CommandError) as error:
        export(code, tmp_path / "x.pdf")
    assert str(error.value).startswith(told)
    assert list(tmp_path.iterdir()) == []


def test_unknown_sponsor_gets_one_sentence(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="of a sponsor called “Nobody”"):
        export("1114", tmp_path / "x.pdf", sponsor="Nobody")


def test_target_that_cannot_be_written_is_named(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export("1114", tmp_path / "nowhere" / "x.pdf")
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        export("1114", tmp_path)
    assert list(tmp_path.iterdir()) == []
