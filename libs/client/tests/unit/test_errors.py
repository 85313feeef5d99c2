import httpx
import pytest

from babbitt.client import errors
from babbitt.contracts.problems import FieldProblem, Problem

REQUEST = httpx.Request("POST", "http://gateway/v1/models/pump/predictions?dtype=<f4")


def answer(problem: Problem, **headers: str) -> httpx.Response:
    headers |= {"content-type": "application/problem+json"}
    return httpx.Response(problem.status, content=problem.model_dump_json(), headers=headers, request=REQUEST)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (413, errors.InvalidRequest),
        (418, errors.InvalidRequest),
        (422, errors.InvalidRequest),
        (429, errors.RateLimited),
        (500, errors.ServiceFault),
        (503, errors.Unavailable),
        (504, errors.DeadlinePassed),
    ],
)
def test_a_problem_becomes_the_error_of_its_status_and_is_kept_whole(status, kind):
    problem = Problem.of("some", status, "Title", "what was wrong")
    error = errors.error_of(answer(problem))
    assert type(error) is kind
    assert error.problem == problem
    assert str(error) == "what was wrong"


def test_the_message_names_every_wrong_field_and_what_is_accepted_in_one_line():
    wrong = (
        FieldProblem(pointer="/sampling_rate_hz", detail="too low", accepted="at least 12000"),
        FieldProblem(pointer="/shaft_speed_hz", detail="missing"),
    )
    problem = Problem.of("invalid", 422, "Invalid", "The request is\nwrong.", errors=wrong)
    assert str(errors.error_of(answer(problem))) == (
        "The request is wrong: /sampling_rate_hz: too low (accepted: at least 12000); /shaft_speed_hz: missing"
    )


def test_a_detail_that_only_repeats_its_field_is_not_said_twice():
    wrong = (FieldProblem(pointer="", detail="10 samples are too few", accepted="at least 20480"),)
    problem = Problem.of("invalid", 422, "Invalid", ": 10 samples are too few", errors=wrong)
    assert str(errors.error_of(answer(problem))) == "10 samples are too few (accepted: at least 20480)"


def test_the_wait_that_the_service_asks_for_is_told():
    problem = Problem.of("busy", 429, "Busy", "too many")
    assert errors.error_of(answer(problem, **{"retry-after": "3"})).retry_after_s == 3.0
    assert errors.error_of(answer(problem)).retry_after_s is None


@pytest.mark.parametrize("content_type", ["text/html", "application/problem+json", ""])
def test_an_answer_that_is_not_a_problem_is_named_and_not_repeated(content_type):
    page = httpx.Response(
        502, content=b"<html>secret page</html>", headers={"content-type": content_type}, request=REQUEST
    )
    error = errors.error_of(page)
    assert isinstance(error, errors.Unavailable)
    assert "502" in str(error)
    assert "secret" not in str(error)
    assert error.problem.status == 502


def test_a_redirect_is_an_error_and_not_followed():
    error = errors.error_of(httpx.Response(302, headers={"location": "http://elsewhere"}, request=REQUEST))
    assert "302" in str(error)


def test_no_answer_names_the_address_without_its_query():
    error = errors.unreachable(REQUEST.url, httpx.ConnectError("refused"))
    assert str(error) == "no answer from http://gateway/v1/models/pump/predictions: refused"
