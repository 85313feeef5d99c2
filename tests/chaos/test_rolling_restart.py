"""A rolling restart of inference under load fails no request."""

import pytest
from tests.load import predictions
from tests.way import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def test_a_rolling_restart_of_inference_under_load_fails_no_request(stack, client, served, waveform):
    with predictions(stack.gateway_url, stack.admin_key, served, waveform) as load:
        for index in range(2):
            before = load.answered
            until(lambda before=before: load.answered > before + 20, what="load")
            stack.service("inference", index).restart()
        before = load.answered
        until(lambda: load.answered > before + 20, what="load afterwards")
    assert load.failures == []
