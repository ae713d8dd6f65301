from __future__ import annotations

import threading

import pytest
from pydantic import BaseModel
from starlette.responses import Response

from callmon.review.access.principal import Asking
from callmon.review.idempotency import Answer, answer_once, fingerprint_of
from callmon.review.problems import Problem
from callmon.review.site import Site
from callmon.store.calls import recordings
from tests.integration.review.conftest import AddRecording, Clock

ANN = Asking(id="user:1", name="Ann", role="admin", teams=None, agent=None, via="key")
BOB = ANN.model_copy(update={"id": "user:2"})


class Made(BaseModel):
    number: int


class Counter:
    """Counts how often something was done."""

    def __init__(self, recording_id: str | None = None) -> None:
        self.done = 0
        self.recording_id = recording_id

    def __call__(self) -> Answer:
        self.done += 1
        body = Made(number=self.done)
        return Answer(201, body, {"Location": "/x"}, recording_id=self.recording_id)


def ask(
    site: Site,
    act: Counter,
    *,
    key: str | None = "k1",
    asking: Asking = ANN,
    body: str = "same",
) -> Response:
    with site.database.writing() as connection:
        return answer_once(
            connection,
            asking=asking,
            key=key,
            fingerprint=fingerprint_of("POST /x", body),
            at=site.now(),
            act=act,
        )


def test_the_same_request_is_done_once_and_answered_twice(site: Site) -> None:
    act = Counter()
    first, second = ask(site, act), ask(site, act)
    assert act.done == 1
    assert first.body == second.body == b'{"number":1}'
    assert (second.status_code, second.headers["location"]) == (201, "/x")
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


def test_without_a_key_it_is_done_each_time(site: Site) -> None:
    act = Counter()
    ask(site, act, key=None)
    ask(site, act, key=None)
    assert act.done == 2


def test_a_key_belongs_to_who_asks(site: Site) -> None:
    act = Counter()
    ask(site, act)
    ask(site, act, asking=BOB)
    assert act.done == 2


def test_a_key_for_another_request_is_refused(site: Site) -> None:
    act = Counter()
    ask(site, act)
    with pytest.raises(Problem) as caught:
        ask(site, act, body="other")
    assert (caught.value.status_code, caught.value.field) == (422, "Idempotency-Key")


def test_a_key_is_free_again_after_a_day(site: Site, clock: Clock) -> None:
    act = Counter()
    ask(site, act)
    clock.forward(days=1, seconds=1)
    ask(site, act, body="other")
    assert act.done == 2


def test_what_failed_may_be_tried_again(site: Site) -> None:
    act = Counter()

    def fail() -> Answer:
        raise Problem(409, "conflict", "No.")

    with pytest.raises(Problem):
        ask(site, fail)  # type: ignore[arg-type]
    assert ask(site, act).status_code == 201


def test_the_answer_goes_with_its_recording(site: Site, recording: AddRecording) -> None:
    recording_id = recording()
    act = Counter(recording_id)
    ask(site, act)
    with site.database.writing() as connection:
        recordings.delete_recording(connection, recording_id, who="test", at=site.now())
    act.recording_id = None
    ask(site, act)
    assert act.done == 2


def test_two_at_once_are_done_once(site: Site) -> None:
    act, answers = Counter(), []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(site, act))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert act.done == 1
    assert {answer.body for answer in answers} == {b'{"number":1}'}
