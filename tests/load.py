"""Predictions that go on in the background while something is done to the stack."""

import threading
from contextlib import contextmanager

from babbitt.client.clients import Babbitt
from babbitt.client.retries import NEVER_AGAIN


class Load:
    """What became of the predictions of a few clients."""

    def __init__(self):
        self.answered = 0
        self.failures = []


@contextmanager
def predictions(url, key, model, waveform, *, clients=3):
    """Ask without pause until the context ends; a failed request is kept, not hidden by another try."""
    load, stop, lock = Load(), threading.Event(), threading.Lock()

    def ask():
        with Babbitt(url, key, retries=NEVER_AGAIN) as client:
            while not stop.is_set():
                try:
                    client.predict(model, waveform, sampling_rate_hz=20_480)
                except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
                    with lock:
                        load.failures.append(error)
                else:
                    with lock:
                        load.answered += 1

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()
