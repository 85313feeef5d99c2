"""Metrics of `training`."""

from prometheus_client import Counter, Gauge

ATTEMPTS = Counter("babbitt_training_attempts_total", "Attempts at jobs, by how they ended.", ["outcome"])
RUNNING = Gauge("babbitt_training_running_jobs", "Jobs that this replica runs.")
EPOCHS = Counter("babbitt_training_epochs_total", "Epochs told.")
