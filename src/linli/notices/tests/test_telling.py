"""Telling people: texts, queueing with the action, sending later, codes that do not stay."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import jobs, journal
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.kernel.models import Job
from linli.kernel.text import Text
from linli.notices import actions, queries
from linli.notices.models import Notice
from linli.notices.rules import Template, hidden, render
from linli.notices.words import To
from linli.people import actions as people

# Apprise loads all its providers at the first message, one of which still looks for a module that 3.13 lacks.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PHONE = "13812345678"
VALUES = {"number": "26030200017", "title": "楼道堆物", "link": "http://127.0.0.1/t/1"}


@pytest.fixture
def provider(socket_enabled: None) -> Iterator[Any]:
    """A provider of text messages on this machine, which answers with `status` and keeps what it got."""

    class Provider(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server: Any = self.server
            server.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.got, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def town_with_messages(provider: Any, settings: Any) -> Any:
    settings.NOTICE_URL = f"json://127.0.0.1:{provider.server_port}/sms/{{phone}}"
    return provider


@pytest.mark.parametrize("template", queries.templates(), ids=lambda t: t.code)
def test_every_template_reads_in_both_languages_with_exactly_its_values(template: Template) -> None:
    values = {name: f"<{name}>" for name in template.params}
    text = render(template, values, {})
    for value in values.values():
        assert value in text.zh
        assert value in text.en
    with pytest.raises(ValueError, match=template.code):
        render(template, {**values, "more": 1}, {})


@given(st.text(max_size=30), st.text(alphabet="0123456789", min_size=6, max_size=6))
def test_a_kept_text_never_shows_its_secret(word: str, code: str) -> None:
    template = Template("x", Text("{a}:{code}", "{a}: {code}"), frozenset({"a", "code"}))
    shown = hidden(template, {"a": "{code}" + word.replace(code, "")}, {"code": code})
    assert code not in shown.zh + shown.en


@pytest.mark.django_db
def test_a_staff_member_reads_it_in_the_app_and_others_do_not() -> None:
    mine = people.create_account(username="mine", name="mine", by=SYSTEM, at=AT)
    params = {"number": "1", "title": "楼道堆物", "by": Text("今天 17:00 前", "by today 17:00")}
    actions.tell("assigned", to=To(account_id=mine.id), params=params, at=AT)
    me = Actor("account", account_id=mine.id)
    (message,) = queries.messages_for(me)
    assert message.body == Text(
        "新任务:楼道堆物(编号 1),今天 17:00 前办结。",
        "New task: 楼道堆物 (number 1), to be done by today 17:00.",
    )
    assert queries.unread_count(me) == 1
    assert queries.messages_for(Actor("account", account_id=uuid7())) == ()
    assert queries.messages_for(Actor("anonymous")) == ()
    assert actions.mark_read(notice_ids=[message.id], by=Actor("account", account_id=uuid7()), at=AT) == 0
    assert actions.mark_read(notice_ids=[message.id], by=me, at=AT) == 1
    assert queries.unread_count(me) == 0
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_rolled_back_action_tells_nobody(settings: Any) -> None:
    settings.DEMO = True
    resident = people.register_resident(phone=PHONE, by=SYSTEM, at=AT)
    with transaction.atomic():
        actions.tell("received", to=To(resident_id=resident.id), params=VALUES, at=AT)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_resident_gets_a_text_message_and_the_matters_history_says_so(town_with_messages: Any) -> None:
    resident = people.register_resident(phone=PHONE, by=SYSTEM, at=AT)
    case = uuid7()
    actions.tell("received", to=To(resident_id=resident.id), params=VALUES, at=AT, about=case)
    assert jobs.work_once(AT) == 1
    (got,) = town_with_messages.got
    assert got[0] == "/sms/+8613812345678"
    assert "楼道堆物" in json.loads(got[1])["message"]
    assert [line.kind for line in journal.history(case)] == ["notices.NoticeSent"]
    assert Notice.objects.get().sent_at == AT


@pytest.mark.django_db(transaction=True)
def test_a_failing_provider_blocks_nothing_and_is_tried_again(town_with_messages: Any) -> None:
    town_with_messages.status = 503
    resident = people.register_resident(phone=PHONE, by=SYSTEM, at=AT)
    actions.tell("received", to=To(resident_id=resident.id), params=VALUES, at=AT)
    jobs.work_once(AT)
    notice = Notice.objects.get()
    assert (notice.sent_at, notice.failed_at) == (None, AT)
    assert PHONE not in Job.objects.get().last_error
    town_with_messages.status = 200
    later = AT + timedelta(minutes=5)
    jobs.work_once(later)
    notice.refresh_from_db()
    assert (notice.sent_at, notice.failed_at) == (later, None)


@pytest.mark.django_db(transaction=True)
def test_a_code_is_sent_and_then_forgotten(town_with_messages: Any) -> None:
    issued = actions.send_phone_code(phone=PHONE, sender="192.0.2.1", at=AT)
    stored = str(Notice.objects.values().get()) + Job.objects.get().payload
    assert issued.code not in stored
    assert PHONE not in stored
    jobs.work_once(AT)
    assert issued.code in town_with_messages.got[0][1]
    assert bytes(Notice.objects.get().secret_cipher) == b""
    assert issued.code not in queries.full_text(Notice.objects.get()).zh


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_out_of_date_is_not_sent_any_more(town_with_messages: Any) -> None:
    issued = actions.send_phone_code(phone=PHONE, sender="192.0.2.1", at=AT)
    jobs.work_once(issued.expires_at)
    assert town_with_messages.got == []
    assert bytes(Notice.objects.get().secret_cipher) == b""
    assert [line.kind for line in journal.history(issued.id)][-1] == "notices.NoticeExpired"


@pytest.mark.django_db
def test_without_messages_a_code_is_refused_and_a_notice_stays_in_the_app(settings: Any) -> None:
    settings.DEMO, settings.NOTICE_URL = False, ""
    with pytest.raises(Problem) as refused:
        actions.send_phone_code(phone=PHONE, sender="192.0.2.1", at=AT)
    assert refused.value.error.code == "notices.no-sms"
    resident = people.register_resident(phone=PHONE, by=SYSTEM, at=AT)
    actions.tell("received", to=To(resident_id=resident.id), params=VALUES, at=AT)
    assert not Job.objects.exists()
    assert len(queries.messages_for(Actor("resident", resident_id=resident.id))) == 1


@pytest.mark.django_db(transaction=True)
def test_the_demo_shows_codes_on_its_page_and_only_the_demo_does(settings: Any) -> None:
    settings.DEMO, settings.NOTICE_URL = True, ""
    issued = actions.send_phone_code(phone=PHONE, sender="192.0.2.1", at=AT)
    jobs.work_once(AT)
    (shown,) = queries.recent_demo()
    assert shown.to == "138****5678"
    assert issued.code in shown.body.zh
    settings.DEMO = False
    assert queries.recent_demo() == ()
