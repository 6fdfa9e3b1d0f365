"""The apprentice sees every signature and says something to it; raters stand side by side."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from apprenticeship.models import Mentorship
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models import Rating, SignOffComment, SignOffRequest
from ojt_logs.record import compare
from tests.api.client import Rest
from tests.cast import NOW, STARTED, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

WORDS = "I did two of these alone."


def say(cast: Cast, by: User | None = None, text: str = WORDS) -> SignOffComment:
    row = cast.ana.sign_offs.order_by("pk")[0]
    return SignOffComment.objects.add(row, by=by or cast.ana_user, now=NOW, text=text)


def test_a_comment_stands_beside_the_signature_for_good_and_its_words_are_not_in_the_ledger(
    cast: Cast,
) -> None:
    row = cast.sign(cast.ana, "2g", value=2)[0]
    address = reverse("sign-off-comment", args=[row.uid])
    ana = signed_in(cast.ana_user)
    assert ana.post(address, {"text": " "}).status_code == 400
    assert ana.post(address, {"text": WORDS})["Location"] == reverse("sign-off", args=[row.uid])
    said = SignOffComment.objects.get()
    told = chain.entries_of(cast.ana.uid).get(object=said.uid)
    assert (told.act, told.actor) == ("sign_off_comment.add", cast.ana_user.uid)
    assert told.payload.content["text_sha256"] == digest(WORDS) and WORDS not in told.payload.body
    for person in (cast.ana_user, cast.marcus, cast.nora):
        assert f"“{WORDS}”" in text_of(signed_in(person), reverse("sign-off", args=[row.uid]))
        assert f"“{WORDS}”" in text_of(signed_in(person), reverse("competency", args=[cast.ana.uid, "2g"]))
    for act in (lambda: said.delete(), lambda: SignOffComment.objects.update(text="Other.")):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    assert [*compare(), *chain.verify()] == []


@pytest.mark.parametrize(
    ("who", "status"), [("marcus", 403), ("nora", 403), ("ruth", 403), ("lena", 404), ("olga", 404)]
)
def test_nobody_else_comments(cast: Cast, who: str, status: int) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    client = signed_in(getattr(cast, who))
    assert client.post(reverse("sign-off-comment", args=[row.uid]), {"text": "No."}).status_code == status
    assert not SignOffComment.objects.exists()


def test_a_withdrawal_can_be_commented_too(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    assert say(cast).sign_off.apprentice == cast.ana


def test_comments_over_rest(cast: Cast) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    path = f"sign-offs/{row.uid}/comments/"
    status, said = Rest(cast.ana_user).post(path, {"text": WORDS})
    assert (status, said["text"], said["by"]) == (201, WORDS, "Ana Reyes")
    assert Rest(cast.marcus).get(path)[1] == [said]
    assert Rest(cast.marcus).post(path, {"text": "No."})[0] == 403
    assert Rest(cast.ana_user).post(path, {"text": ""})[1]["field"] == "text"


# Side by side


def test_the_newest_word_of_each_rater_stands_beside_the_others_and_the_difference_is_said(
    cast: Cast,
) -> None:
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=STARTED)
    standard = cast.competency("2g").standards.order_by("position")[0]
    SignOffRequest.objects.ask(
        cast.ana,
        by=cast.ana_user,
        now=NOW,
        competencies=[cast.competency("2g")],
        ratings=[Rating(standard, cast.level(3))],
    )
    cast.sign(cast.ana, "2g", value=2)
    cast.sign(cast.ana, "2g", value=4)
    page = text_of(signed_in(cast.ana_user), reverse("competency", args=[cast.ana.uid, "2g"]))
    assert "Raters differ" not in page
    cast.sign(cast.ana, "2g", value=1, by=cast.lena)
    page = text_of(signed_in(cast.ana_user), reverse("competency", args=[cast.ana.uid, "2g"]))
    assert page.count("Raters differ: 1 to 4.") == 5
    assert "Lena Fox <b>1</b>" in page and "Marcus Webb <b>4</b>" in page and "You <b>3</b>" in page
    assert page.count("counts nowhere") == 1


def test_the_page_asks_as_often_with_many_comments_as_with_one(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    say(cast)
    ana, address = signed_in(cast.ana_user), reverse("competency", args=[cast.ana.uid, "2g"])
    little = queries(ana, address)
    cast.sign(cast.ana, "2g")
    for number in range(3):
        say(cast, text=f"Once more, {number}.")
    assert queries(ana, address) == little
    assert "Once more, 2." in plain(ana.get(address).content)
