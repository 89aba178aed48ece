"""The pages, over HTTP: who may open what, what a form keeps, what leaves as a download."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases import queries as cases
from linli.cases.tests.loop import signed_in
from linli.consultation import verify_dossier
from linli.consultation.models import Consultation, Dossier, Invitation, Opinion, Verdict
from linli.consultation.tests.making import PDF, all_said, asked, hard_case, paper, said
from linli.consultation.words import Asked, Level
from linli.kernel import clock
from tests.world import Town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def case(town: Town):
    at = clock.now()
    return hard_case(town, at)


def here(consultation: Consultation) -> str:
    return f"/desk/consultations/{consultation.id}/"


def page(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def asking(town: Town, **changes) -> dict[str, object]:
    given = {
        "id": str(uuid4()), "topic": "占道经营", "question": "能否清理?", "risk": "orange",
        "accounts": [str(town.accounts["lawyer"])], "departments": [str(town.departments["CG"])],
    }  # fmt: skip
    return given | changes


def test_opinions_are_asked_for_from_the_case_page(town: Town, case) -> None:
    chief = signed_in(town, "qian")
    assert f"/desk/consultations/ask/{case.id}/" in page(chief, f"/desk/case/{case.id}/")
    form = page(chief, f"/desk/consultations/ask/{case.id}/")
    assert "陶然" in form
    assert "城管中队" in form
    pictures = re.findall(r'name="pictures" value="([^"]+)"', form)
    assert len(pictures) == 1
    file = SimpleUploadedFile("材料.pdf", PDF, "application/pdf")
    sent = asking(town, pictures=pictures, documents=[file])
    answer = chief.post(f"/desk/consultations/ask/{case.id}/", sent)
    made = Consultation.objects.get()
    assert answer["Location"] == here(made)
    assert made.pictures == pictures
    text = page(chief, here(made))
    assert "材料.pdf" in text
    assert "占道经营" in page(chief, f"/desk/case/{case.id}/")


def test_a_refused_asking_keeps_what_was_typed_in_both_languages(town: Town, case) -> None:
    chief = signed_in(town, "qian")
    path = f"/desk/consultations/ask/{case.id}/"
    sent = asking(town, accounts=[], departments=[])
    answer = chief.post(path, sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "请选择征求谁的意见" in text
    assert "能否清理?" in text
    assert 'value="占道经营"' in text
    chief.cookies["django_language"] = "en"
    assert "Choose whom to ask" in chief.post(path, sent).content.decode()
    fake = SimpleUploadedFile("a.pdf", b"<script>", "application/pdf")
    answer = chief.post(path, asking(town, documents=[fake]))
    assert answer.status_code == 415
    assert "Only PDF" in answer.content.decode()
    assert "choose the files again" in answer.content.decode()
    assert Consultation.objects.count() == 0


BAD_POSTS = [
    {},
    {"do": "answer"},
    {"do": "answer", "id": "x", "text": "好", "level": "open"},
    {"do": "answer", "id": str(uuid4()), "text": "好", "level": "top"},
    {"do": "answer", "id": str(uuid4()), "text": "a\x00b", "level": "open"},
    {"do": "decline", "id": str(uuid4()), "ground": "", "reason": ""},
    {"do": "decide", "id": str(uuid4())},
    {"do": "decide", "id": str(uuid4()), "supersedes": "-1", "text": "定"},
    {"do": "decide", "id": str(uuid4()), "supersedes": "0", "text": "定", "meeting": ["x"]},
    {"do": "withdraw", "id": str(uuid4()), "reason": "a"},
    {"do": "burn"},
]


@pytest.mark.parametrize("who", ["lawyer", "qian"])
def test_bad_input_is_refused_and_never_a_fault(town: Town, case, who: str) -> None:
    made = asked(town, case, who="lu", at=clock.now())
    browser = signed_in(town, who)
    for sent in BAD_POSTS:
        answer = browser.post(here(made), sent)
        assert 400 <= answer.status_code < 500, sent
    for path in ("ask", "hand-up"):
        for sent in (
            {},
            {"id": "x"},
            {"id": str(uuid4()), "to": "x" * 500, "risk": "x", "levels": ["x"], "accounts": ["x"]},
        ):
            answer = signed_in(town, "qian").post(f"/desk/consultations/{path}/{case.id}/", sent)
            assert answer.status_code == 422, (path, sent)
    assert browser.get("/desk/consultations/?show=nothing").status_code == 404
    assert Opinion.objects.count() == Verdict.objects.count() == Dossier.objects.count() == 0


def test_who_is_asked_sees_the_file_and_answers_and_others_do_not_find_it(town: Town, case) -> None:
    pictures = [item.file_id for items in cases.evidence(case.id).values() for item in items]
    made = asked(town, case, at=clock.now(), pictures=pictures[:1], documents=[paper()])
    lawyer = signed_in(town, "lawyer")
    assert "占道经营的执法依据" in page(lawyer, "/desk/consultations/")
    text = page(lawyer, here(made))
    assert "138****5678" in text
    assert "13812345678" not in text
    assert f"/desk/case/{case.id}/" not in text
    assert page(lawyer, f"/desk/case/{case.id}/", 404)
    small = f"{here(made)}pictures/{pictures[0]}/small/"
    for path, status in ((small, 200), (f"{here(made)}pictures/{uuid4()}/", 404)):
        answer = lawyer.get(path)
        assert answer.status_code == status
    assert lawyer.get(small)["Cache-Control"] == "no-store"
    stranger = signed_in(town, "sz-1")
    for path in (here(made), small):
        assert stranger.get(path).status_code == 404
    assert stranger.post(here(made), {"do": "answer"}).status_code == 404
    assert Client().get(here(made)).status_code == 401
    sent = {"do": "answer", "id": str(uuid4()), "text": "可以清理。", "level": "open"}
    file = SimpleUploadedFile("意见书.pdf", PDF, "application/pdf")
    assert lawyer.post(here(made), {**sent, "documents": [file]}).status_code == 302
    assert "签名有效" in page(lawyer, here(made))
    assert "可以清理。" in page(signed_in(town, "shen"), here(made))


def test_a_document_leaves_as_a_download_that_no_browser_interprets(town: Town, case) -> None:
    made = asked(town, case, at=clock.now(), documents=[paper("合同\r\n.pdf")])
    path = f"{here(made)}documents/{made.documents.get().id}/"
    lawyer = signed_in(town, "lawyer")
    assert lawyer.get(path).status_code == 405
    answer = lawyer.post(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "no-store"
    assert signed_in(town, "sz-1").post(path).status_code == 404
    other = asked(town, case, at=clock.now(), topic="另一次")
    assert lawyer.post(f"{here(other)}documents/{made.documents.get().id}/").status_code == 404


def test_a_confidential_opinion_is_read_on_a_page_of_its_own_and_on_record(town: Town, case) -> None:
    made = asked(town, case, at=clock.now())
    opinion = said(town, made, "expert", Level.CHIEF, clock.now(), text="该户有历史纠纷。")
    path = f"{here(made)}opinions/{opinion.id}/"
    chief = signed_in(town, "qian")
    assert "该户有历史纠纷" not in page(chief, here(made))
    assert chief.get(path).status_code == 405
    answer = chief.post(path)
    assert "该户有历史纠纷" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert "查看了" in page(chief, f"/desk/case/{case.id}/")
    assert signed_in(town, "shen").post(path).status_code == 404
    assert signed_in(town, "lawyer").post(path).status_code == 404
    assert "您不能查看" in page(signed_in(town, "shen"), here(made))


def test_others_are_asked_too_on_the_page_and_a_choice_of_nobody_is_told(town: Town, case) -> None:
    made = asked(
        town, case, who="lu", at=clock.now(), accounts=[town.accounts["lawyer"]], departments=[],
    )  # fmt: skip
    browser, path = signed_in(town, "lu"), f"/desk/consultations/{made.id}/"
    page = browser.get(path).text
    assert "再征求其他人的意见" in page
    assert str(town.accounts["expert"]) in page
    assert str(town.accounts["lawyer"]) not in page
    sent = {"do": "more", "id": str(uuid4())}
    empty = browser.post(path, sent)
    assert (empty.status_code, "请选择征求谁的意见" in empty.text) == (422, True)
    assert browser.post(path, sent | {"accounts": ["nonsense"]}).status_code == 422
    assert browser.post(path, sent | {"accounts": [str(town.accounts["expert"])]}).status_code == 302
    assert "洪涛" in browser.get(path).text
    assert "再征求其他人的意见" not in signed_in(town, "lawyer").get(path).text


def test_declining_leads_away_from_a_file_that_is_closed(town: Town, case) -> None:
    made = asked(town, case, at=clock.now())
    lawyer = signed_in(town, "lawyer")
    sent = {"do": "decline", "id": str(uuid4()), "ground": "conflict", "reason": "我代理过该商户"}
    answer = lawyer.post(here(made), sent)
    assert answer["Location"] == "/desk/consultations/"
    assert page(lawyer, here(made), 404)
    mine = Invitation.objects.get(account_id=town.accounts["lawyer"])
    assert mine.stage == Asked.DECLINED


def test_the_chief_decides_on_the_page_and_the_case_shows_it(town: Town, case) -> None:
    made = asked(town, case, at=clock.now())
    opinions = all_said(town, made, clock.now())
    chief = signed_in(town, "qian")
    sent: dict[str, object] = {"do": "decide", "id": str(uuid4()), "supersedes": "0", "text": "责令改正。"}
    for number, each in enumerate(opinions):
        sent[f"followed-{each.id}"] = "yes" if number == 0 else "no"
    refused = chief.post(here(made), sent)
    assert refused.status_code == 422
    assert "责令改正。" in refused.content.decode()
    assert "请写明理由" in refused.content.decode()
    for each in opinions[1:]:
        sent[f"reason-{each.id}"] = "与现行规定不一致"
    assert chief.post(here(made), sent).status_code == 302
    text = page(chief, f"/desk/case/{case.id}/")
    assert "责令改正。" in text
    assert "与现行规定不一致" in text
    again = chief.post(here(made), {**sent, "id": str(uuid4()), "text": "别的"})
    assert again.status_code == 409
    assert "已有新的决定" in again.content.decode()


def test_a_dossier_is_made_and_downloaded(town: Town, case) -> None:
    all_said(town, asked(town, case, at=clock.now()), clock.now())
    chief = signed_in(town, "qian")
    path = f"/desk/consultations/hand-up/{case.id}/"
    page(chief, path)
    sent = {"id": str(uuid4()), "to": "区城运中心", "reason": "超出镇级权限", "levels": ["involved"]}
    answer = chief.post(path, sent)
    dossier = Dossier.objects.get()
    assert answer["Location"] == f"/desk/consultations/dossiers/{dossier.id}/"
    shown = page(chief, answer["Location"])
    assert dossier.sha256 in shown
    taken = chief.post(answer["Location"])
    assert taken["Content-Disposition"].startswith("attachment")
    assert verify_dossier.check(taken.content)[0] == []
    assert "下载了卷宗" in page(chief, f"/desk/case/{case.id}/")
    for who in ("lu", "lawyer", "sz-1"):
        assert signed_in(town, who).get(answer["Location"]).status_code == 404
        assert signed_in(town, who).get(path).status_code in {403, 404}


def test_pages_cost_a_fixed_few_queries(town: Town, case, django_assert_max_num_queries) -> None:
    chief = signed_in(town, "qian")
    made = asked(town, case, at=clock.now())
    all_said(town, made, clock.now())
    page(chief, here(made))
    with django_assert_max_num_queries(24):
        page(chief, here(made))
    for number in range(3):
        all_said(town, asked(town, case, at=clock.now(), topic=f"第{number}次"), clock.now())
    with django_assert_max_num_queries(16):
        page(chief, "/desk/consultations/?show=asked")
