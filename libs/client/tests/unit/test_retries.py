import httpx
import pytest

from babbitt.client.retries import NEVER_AGAIN, RetryPolicy

POLICY = RetryPolicy(attempts=3, first_delay_s=1.0, longest_delay_s=4.0, longest_retry_after_s=30.0)


def answer(status: int, retry_after: str | None = None) -> httpx.Response:
    return httpx.Response(status, headers={"retry-after": retry_after} if retry_after else {})


def test_a_request_that_never_left_is_sent_again_whatever_it_does():
    for error in (httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")):
        assert POLICY.delay_after_failure_s(error, 1, repeatable=False) is not None


@pytest.mark.parametrize("error", [httpx.ReadTimeout("slow"), httpx.ReadError("lost"), httpx.RemoteProtocolError("?")])
def test_a_request_that_may_have_arrived_is_sent_again_only_when_twice_is_as_once(error):
    assert POLICY.delay_after_failure_s(error, 1, repeatable=False) is None
    assert POLICY.delay_after_failure_s(error, 1, repeatable=True) is not None


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_service_that_is_away_is_asked_again_when_twice_is_as_once(status):
    assert POLICY.delay_after_answer_s(answer(status), 1, repeatable=True) is not None
    assert POLICY.delay_after_answer_s(answer(status, "1"), 1, repeatable=False) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 504])
def test_what_another_try_does_not_change_is_not_tried_again(status):
    assert POLICY.delay_after_answer_s(answer(status), 1, repeatable=True) is None


def test_the_wait_that_the_service_asks_for_is_kept():
    assert POLICY.delay_after_answer_s(answer(503, "7"), 1, repeatable=True) == 7.0


def test_a_service_that_asks_for_too_long_a_wait_is_not_waited_for():
    assert POLICY.delay_after_answer_s(answer(503, "31"), 1, repeatable=True) is None


def test_waits_double_up_to_a_bound_and_clients_spread():
    for attempt, whole in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 4.0), (500, 4.0)):
        waits = [POLICY.backoff_s(attempt) for _ in range(50)]
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(set(waits)) > 1


def test_the_last_attempt_is_the_last():
    assert POLICY.delay_after_failure_s(httpx.ConnectError("refused"), 2, repeatable=True) is not None
    assert POLICY.delay_after_failure_s(httpx.ConnectError("refused"), 3, repeatable=True) is None
    assert NEVER_AGAIN.delay_after_answer_s(answer(503), 1, repeatable=True) is None
