"""The composition root: what the gateway consists of, and in which order it starts and ends."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from babbitt.chassis.health import HttpServer, health_routes, serving
from babbitt.chassis.lifecycle import background_tasks
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.scratch import ScratchFolder
from babbitt.chassis.service import make_chassis, running
from babbitt.contracts.topics import (
    DATASETS_EVENTS,
    MODELS_ALIASES,
    MODELS_EVENTS,
    PREDICTIONS_RESULTS,
    SYSTEM_HEARTBEATS,
    TRAINING_EVENTS,
)
from babbitt.gateway import producer as producing
from babbitt.gateway.application import make_application
from babbitt.gateway.datasets.consumers import DATASET_HANDLERS
from babbitt.gateway.datasets.file_routes import dataset_file_routes
from babbitt.gateway.datasets.named_uploads import named_uploads
from babbitt.gateway.datasets.record_routes import record_routes
from babbitt.gateway.datasets.records import DatasetRecords
from babbitt.gateway.datasets.report_routes import report_routes
from babbitt.gateway.datasets.requests import DatasetRequests
from babbitt.gateway.datasets.routes import dataset_routes
from babbitt.gateway.events.catch_up import CatchUps
from babbitt.gateway.events.feed import CALLERS_FETCH_WAIT_MS, Feed
from babbitt.gateway.events.routes import event_routes
from babbitt.gateway.events.selection import STREAMED
from babbitt.gateway.events.tail import Tail
from babbitt.gateway.front import Front
from babbitt.gateway.keys.keyring import Keyring
from babbitt.gateway.keys.routes import key_routes
from babbitt.gateway.limits import AS_SAMPLES, Limit, Limits
from babbitt.gateway.models.alias_routes import alias_routes
from babbitt.gateway.models.aliases import Aliases
from babbitt.gateway.models.consumers import MODEL_HANDLERS
from babbitt.gateway.models.file_routes import file_routes
from babbitt.gateway.models.policy_routes import policy_routes
from babbitt.gateway.models.promotions import promotion_routes
from babbitt.gateway.models.requests import ModelRequests
from babbitt.gateway.models.retention_routes import retention_routes
from babbitt.gateway.models.routes import model_routes
from babbitt.gateway.models.version_files import VersionFiles
from babbitt.gateway.predictions.ask import Predict
from babbitt.gateway.predictions.dispatch import Dispatcher
from babbitt.gateway.predictions.log import PredictionLog
from babbitt.gateway.predictions.replies import Replies
from babbitt.gateway.predictions.routes import predict_routes, prediction_routes
from babbitt.gateway.predictions.sweep import CLAIMS_EVERY_S, LOG_EVERY_S, sweep_claims, sweep_log, sweeping
from babbitt.gateway.settings import SOURCE, GatewaySettings
from babbitt.gateway.system.roster import Roster
from babbitt.gateway.system.routes import system_routes
from babbitt.gateway.training_jobs.consumers import JOB_HANDLERS
from babbitt.gateway.training_jobs.further_routes import further_job_routes
from babbitt.gateway.training_jobs.named_uploads import imported_uploads
from babbitt.gateway.training_jobs.report_routes import job_report_routes
from babbitt.gateway.training_jobs.requests import JobRequests
from babbitt.gateway.training_jobs.routes import training_job_routes
from babbitt.gateway.uploads.routes import upload_routes
from babbitt.gateway.uploads.spool import Spool
from babbitt.gateway.uploads.sweep import UPLOADS_EVERY_S, sweep_uploads

CHECKS = ("feed", "results", producing.CHECK, "keys")
NEEDED = (*CHECKS, "kafka")
"""Without these there is no prediction."""
DECISIVE = (*NEEDED, "serving")
"""Predictions go on while PostgreSQL is away: once it has been there, it does not make the gateway unready."""


async def serve(settings: GatewaySettings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set: HTTP first and last, so that health is told, and no caller loses its answer."""
    chassis = make_chassis(settings, *CHECKS, decisive=DECISIVE)
    readiness, sessions, stopping = chassis.readiness, chassis.sessions, asyncio.Event()
    aliases, roster, replies = Aliases(), Roster(), Replies()
    producer = producing.Producer(settings, readiness)
    tail = Tail(settings.stream_ring_records, settings.stream_ring_bytes)
    streamed = dict.fromkeys(topic for topic in STREAMED if topic is not PREDICTIONS_RESULTS)
    listeners = {**streamed, MODELS_ALIASES: aliases.heard, SYSTEM_HEARTBEATS: roster.heard}
    feed = Feed(settings, readiness, "feed", tail, listeners, producer)
    answers = {PREDICTIONS_RESULTS: replies.heard}
    results = Feed(settings, readiness, "results", tail, answers, producer, fetch_wait_ms=CALLERS_FETCH_WAIT_MS)
    dispatcher = Dispatcher(producer, replies, chassis.objects, f"{SOURCE}/{settings.instance}")
    scratch = ScratchFolder(settings.spool_folder)
    spool, committed = Spool(chassis.objects, scratch), chassis.relay.wake
    threads = ThreadPoolExecutor(settings.preparers, "prepare")
    models, jobs = ModelRequests(sessions, committed), JobRequests(sessions, spool, committed)
    records = DatasetRecords(chassis.objects, scratch)
    predict = Predict(settings, readiness, NEEDED, aliases, roster, dispatcher, sessions, threads)
    application = make_application(
        [
            predict_routes(predict),
            prediction_routes(sessions),
            dataset_routes(DatasetRequests(sessions, spool, committed)),
            report_routes(sessions, chassis.objects),
            record_routes(sessions, records),
            dataset_file_routes(sessions, records, chassis.objects),
            upload_routes(spool),
            training_job_routes(jobs),
            further_job_routes(jobs),
            job_report_routes(sessions, chassis.objects),
            model_routes(sessions, aliases),
            alias_routes(sessions, aliases),
            file_routes(VersionFiles(sessions, chassis.objects)),
            promotion_routes(models),
            retention_routes(models),
            policy_routes(models),
            event_routes(settings, tail, CatchUps(settings, settings.stream_catch_ups), stopping),
            key_routes(sessions),
            system_routes(roster),
        ],
        health_routes(readiness),
        kafka_prefix=settings.kafka_prefix,
    )
    keyring = Keyring(
        sessions,
        fresh_s=settings.key_fresh_s,
        stale_s=settings.key_stale_s,
        database_away=lambda: "postgresql" in readiness.impairments(),
    )
    limits = Limits(
        json=Limit(settings.json_limit_bytes),
        waveform_json=Limit(settings.waveform_json_limit_bytes, instead=AS_SAMPLES),
        samples=Limit(settings.samples_limit_bytes),
        upload=Limit(settings.upload_limit_bytes),
    )
    chassis.control_plane.hears(DATASETS_EVENTS, DATASET_HANDLERS)
    chassis.control_plane.hears(TRAINING_EVENTS, JOB_HANDLERS)
    chassis.control_plane.hears(MODELS_EVENTS, MODEL_HANDLERS)
    with scratch:
        async with (
            serving(Front(application, keyring, limits), settings.host, settings.port) as server,
            producer.running(stop),
            background_tasks() as data_plane,
        ):
            # Before the control plane: a replica answers predictions while its groups still wait for one another.
            data_plane.create_task(feed.run())
            data_plane.create_task(results.run())
            data_plane.create_task(producer.dig())
            data_plane.create_task(PredictionLog(settings, sessions, producer).run())
            data_plane.create_task(sweeping(partial(sweep_log, sessions, settings.prediction_log_days), LOG_EVERY_S))
            data_plane.create_task(sweeping(partial(sweep_claims, chassis.objects), CLAIMS_EVERY_S))
            naming = (partial(named_uploads, sessions), partial(imported_uploads, sessions))
            unused = partial(sweep_uploads, chassis.objects, naming, settings.upload_kept_days)
            data_plane.create_task(sweeping(unused, UPLOADS_EVERY_S))
            data_plane.create_task(keyring.reach()).add_done_callback(lambda _: readiness.ready("keys"))
            try:
                async with running(chassis, stop, health=False):
                    await stop.wait()
                    await _drain(server, readiness, stopping, tail)
            finally:  # where the control plane was still starting, callers wait all the same
                await _drain(server, readiness, stopping, tail)
                threads.shutdown(wait=False)


async def _drain(server: HttpServer, readiness: Readiness, stopping: asyncio.Event, tail: Tail) -> None:
    """Take no more requests, end the streams, and wait for the rest."""
    readiness.unready("serving", "stopping")
    stopping.set()
    tail.wake()
    await server.close()
