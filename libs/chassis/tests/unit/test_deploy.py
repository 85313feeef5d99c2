"""What the deploy step reads and keeps to."""

import subprocess
import sys

import pytest

from babbitt.chassis.deploy import SERVICES_WITH_SCHEMA, service_urls
from babbitt.chassis.tables import INBOX_KEPT_DAYS
from babbitt.contracts.topics import DAY_MS, TOPICS


def test_every_database_url_that_is_not_set_is_named():
    urls = {f"BABBITT_{name.upper()}_DATABASE_URL": "postgresql://a:b@h/d" for name in SERVICES_WITH_SCHEMA}
    assert set(service_urls(urls)) == set(SERVICES_WITH_SCHEMA)
    del urls["BABBITT_REGISTRY_DATABASE_URL"], urls["BABBITT_TRAINING_DATABASE_URL"]
    with pytest.raises(SystemExit, match="not set: BABBITT_TRAINING_DATABASE_URL, BABBITT_REGISTRY_DATABASE_URL"):
        service_urls(urls)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"BABBITT_KAFKA_RETENTION_BYTES": "1"}, "67108864"), ({"BABBITT_KAFKA_REPLICATION": "x"}, "1 at")],
)
def test_a_number_that_is_none_or_too_small_is_told_in_one_line(given, said):
    step = [sys.executable, "-m", "babbitt.chassis.deploy", "topics"]
    ended = subprocess.run(
        step,
        env={"BABBITT_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"} | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert next(iter(given)) in line
    assert said in line


def test_the_inbox_remembers_longer_than_any_topic_that_forgets():
    assert all(topic.retention_ms < INBOX_KEPT_DAYS * DAY_MS for topic in TOPICS if topic.retention_ms)
