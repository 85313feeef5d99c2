"""Every error over HTTP is a problem."""

from babbitt.contracts.problems import Problem


def problem_of(answer):
    """The answer as a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found = Problem.model_validate(answer.json())
    assert found.status == answer.status_code
    assert found.type.startswith("urn:babbitt:problem:")
    return found
