"""`Babbitt` and `AsyncBabbitt`: the same calls, one described function each."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from babbitt.client import api
from babbitt.client.api.dataset_files import MANIFEST
from babbitt.client.asynchronous import AsyncEventStream, AsyncLists, AsyncSender, AsyncSends
from babbitt.client.blocking import BlockingSender, EventStream, Lists, Sends
from babbitt.client.events import Subscription
from babbitt.client.filling import Arrived, Filled, Filling, as_folder, in_dataset, untold
from babbitt.client.retries import RetryPolicy
from babbitt.client.settings import ClientSettings, settings_of

RETRIES = RetryPolicy()
RECONNECTS = RetryPolicy(attempts=60)
"""A stream outlives about five minutes without a gateway."""


class Babbitt(BlockingSender):
    """The API of one installation; may be shared by threads.

    ```python
    with Babbitt("http://127.0.0.1:8080", key) as babbitt:
        print(babbitt.predict("pump", waveform, sampling_rate_hz=20_480).fault)
    ```

    Every error is a BabbittError. A call is sent again only where that is safe: see `retries`.

    Args:
        url: of the gateway; None: `BABBITT_URL`, else this machine's.
        key: `bbt_…`; None: `BABBITT_KEY`, else what lies in `BABBITT_KEY_FILE`.
        settings: instead of both.
        retries: of calls.
        reconnects: of event streams that broke.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        settings: ClientSettings | None = None,
        retries: RetryPolicy = RETRIES,
        reconnects: RetryPolicy = RECONNECTS,
    ) -> None:
        super().__init__(settings or settings_of(url, key), retries, reconnects)

    def events(
        self,
        *,
        topics: Sequence[str] = (),
        types: Sequence[str] = (),
        subject: str | None = None,
        after: str | None = None,
        repeats: bool = False,
    ) -> EventStream:
        """Events from now on, or from a position on: `with babbitt.events(types=["EpochCompleted"]) as events: …`.

        Args:
            topics: `training.events.v1`, …; empty: all that clients may read.
            types: contracts' names; empty: all.
            subject: the dataset, job, model, prediction or machine that they are about.
            after: an event's `position`, to go on after it.
            repeats: whether an event that a service said twice comes twice.
        """
        return self.stream(Subscription(topics, types, subject, after=after, repeats=repeats))

    def download_dataset(self, dataset_id: str, folder: Path, *, arrived: Arrived = untold) -> Filled:
        """Bring a ready dataset into the folder that `python -m babbitt.training fit --data FOLDER` reads.

        Every file is verified; begun again, it goes on with those that are missing. `manifest.json` comes last: a
        folder without it is not whole.

        Args:
            dataset_id: its id.
            folder: is made if there is none.
            arrived: told how many bytes are there, of how many.

        Raises:
            DownloadFailed: what came is not what it must be, or the folder holds another dataset.
        """
        files = [in_dataset(dataset_id, file) for file in self.dataset_files(dataset_id)]
        return self.fill(Filling(folder, as_folder(files, folder, MANIFEST), arrived))

    predict = Sends(api.predictions.predict)
    predict_later = Sends(api.predictions.predict_later)
    prediction = Sends(api.predictions.prediction)
    predictions = Lists(api.predictions.predictions)

    upload = Sends(api.uploads.upload)
    find_upload = Sends(api.uploads.find_upload)
    create_dataset = Sends(api.datasets.create_dataset)
    dataset = Sends(api.datasets.dataset)
    datasets = Lists(api.datasets.datasets)
    delete_dataset = Sends(api.datasets.delete_dataset)
    records = Lists(api.records.records)
    record = Sends(api.records.record)
    dataset_files = Lists(api.dataset_files.dataset_files)
    dataset_report = Sends(api.reports.dataset_report)
    dataset_report_page = Sends(api.reports.dataset_report_page)

    train = Sends(api.training_jobs.train)
    evaluate = Sends(api.further_jobs.evaluate)
    import_model = Sends(api.further_jobs.import_model)
    tune = Sends(api.further_jobs.tune)
    training_job = Sends(api.training_jobs.training_job)
    training_jobs = Lists(api.training_jobs.training_jobs)
    training_curves = Sends(api.training_jobs.training_curves)
    training_report = Sends(api.version_files.training_report)
    study_report = Sends(api.studies.study_report)
    study_figure = Sends(api.studies.study_figure)
    cancel_training = Sends(api.training_jobs.cancel_training)

    models = Lists(api.models.models)
    model = Sends(api.models.model)
    versions = Lists(api.models.versions)
    version = Sends(api.models.version)
    aliases = Lists(api.models.aliases)
    history = Lists(api.models.history)
    promote = Sends(api.models.promote)
    roll_back = Sends(api.models.roll_back)
    promotion = Sends(api.models.promotion)
    serving = Sends(api.aliases.serving)
    remove_alias = Sends(api.aliases.remove_alias)
    policy = Sends(api.policies.policy)
    change_policy = Sends(api.policies.change_policy)
    policy_change = Sends(api.policies.policy_change)
    retain = Sends(api.retentions.retain)
    retention = Sends(api.retentions.retention)
    model_report = Sends(api.version_files.model_report)
    paired_predictions = Sends(api.version_files.paired_predictions)
    model_card = Sends(api.version_files.model_card)
    model_figure = Sends(api.version_files.model_figure)
    model_artifact = Sends(api.version_files.model_artifact)

    services = Sends(api.system.services)
    create_key = Sends(api.keys.create_key)
    keys = Lists(api.keys.keys)
    revoke_key = Sends(api.keys.revoke_key)


class AsyncBabbitt(AsyncSender):
    """The API of one installation without blocking: every method of `Babbitt`, awaited; lists with `async for`.

    ```python
    async with AsyncBabbitt("http://127.0.0.1:8080", key) as babbitt:
        print((await babbitt.predict("pump", waveform, sampling_rate_hz=20_480)).fault)
    ```
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        settings: ClientSettings | None = None,
        retries: RetryPolicy = RETRIES,
        reconnects: RetryPolicy = RECONNECTS,
    ) -> None:
        super().__init__(settings or settings_of(url, key), retries, reconnects)

    def events(
        self,
        *,
        topics: Sequence[str] = (),
        types: Sequence[str] = (),
        subject: str | None = None,
        after: str | None = None,
        repeats: bool = False,
    ) -> AsyncEventStream:
        """As `Babbitt.events`, with `async with` and `async for`."""
        return self.stream(Subscription(topics, types, subject, after=after, repeats=repeats))

    async def download_dataset(self, dataset_id: str, folder: Path, *, arrived: Arrived = untold) -> Filled:
        """As `Babbitt.download_dataset`."""
        files = [in_dataset(dataset_id, file) async for file in self.dataset_files(dataset_id)]
        ordered = await asyncio.to_thread(as_folder, files, folder, MANIFEST)
        return await self.fill(Filling(folder, ordered, arrived))

    predict = AsyncSends(api.predictions.predict)
    predict_later = AsyncSends(api.predictions.predict_later)
    prediction = AsyncSends(api.predictions.prediction)
    predictions = AsyncLists(api.predictions.predictions)

    upload = AsyncSends(api.uploads.upload)
    find_upload = AsyncSends(api.uploads.find_upload)
    create_dataset = AsyncSends(api.datasets.create_dataset)
    dataset = AsyncSends(api.datasets.dataset)
    datasets = AsyncLists(api.datasets.datasets)
    delete_dataset = AsyncSends(api.datasets.delete_dataset)
    records = AsyncLists(api.records.records)
    record = AsyncSends(api.records.record)
    dataset_files = AsyncLists(api.dataset_files.dataset_files)
    dataset_report = AsyncSends(api.reports.dataset_report)
    dataset_report_page = AsyncSends(api.reports.dataset_report_page)

    train = AsyncSends(api.training_jobs.train)
    evaluate = AsyncSends(api.further_jobs.evaluate)
    import_model = AsyncSends(api.further_jobs.import_model)
    tune = AsyncSends(api.further_jobs.tune)
    training_job = AsyncSends(api.training_jobs.training_job)
    training_jobs = AsyncLists(api.training_jobs.training_jobs)
    training_curves = AsyncSends(api.training_jobs.training_curves)
    training_report = AsyncSends(api.version_files.training_report)
    study_report = AsyncSends(api.studies.study_report)
    study_figure = AsyncSends(api.studies.study_figure)
    cancel_training = AsyncSends(api.training_jobs.cancel_training)

    models = AsyncLists(api.models.models)
    model = AsyncSends(api.models.model)
    versions = AsyncLists(api.models.versions)
    version = AsyncSends(api.models.version)
    aliases = AsyncLists(api.models.aliases)
    history = AsyncLists(api.models.history)
    promote = AsyncSends(api.models.promote)
    roll_back = AsyncSends(api.models.roll_back)
    promotion = AsyncSends(api.models.promotion)
    serving = AsyncSends(api.aliases.serving)
    remove_alias = AsyncSends(api.aliases.remove_alias)
    policy = AsyncSends(api.policies.policy)
    change_policy = AsyncSends(api.policies.change_policy)
    policy_change = AsyncSends(api.policies.policy_change)
    retain = AsyncSends(api.retentions.retain)
    retention = AsyncSends(api.retentions.retention)
    model_report = AsyncSends(api.version_files.model_report)
    paired_predictions = AsyncSends(api.version_files.paired_predictions)
    model_card = AsyncSends(api.version_files.model_card)
    model_figure = AsyncSends(api.version_files.model_figure)
    model_artifact = AsyncSends(api.version_files.model_artifact)

    services = AsyncSends(api.system.services)
    create_key = AsyncSends(api.keys.create_key)
    keys = AsyncLists(api.keys.keys)
    revoke_key = AsyncSends(api.keys.revoke_key)
