"""Composition: what `inference` is made of, and the order in which it starts and ends."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

from babbitt.chassis.health import health_server
from babbitt.chassis.heartbeat import Heartbeat
from babbitt.chassis.kafka import watch_kafka
from babbitt.chassis.lifecycle import background_tasks, unless
from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.readiness import Readiness
from babbitt.chassis.sender import Sender
from babbitt.inference.adapters.artifact_cache import ArtifactCache
from babbitt.inference.adapters.claims import Claims
from babbitt.inference.adapters.devices import used_devices
from babbitt.inference.adapters.engines import Installed
from babbitt.inference.adapters.kafka_announcer import KafkaAnnouncer
from babbitt.inference.application.answer_questions import AnswerQuestions
from babbitt.inference.application.load_model import LoadModel
from babbitt.inference.application.model_shelf import ModelShelf
from babbitt.inference.application.serve_models import ServeModels
from babbitt.inference.entrypoints.answering import Answering
from babbitt.inference.entrypoints.busy import Busy
from babbitt.inference.entrypoints.delivery import Delivery
from babbitt.inference.entrypoints.diagnostics import Diagnostics
from babbitt.inference.entrypoints.kafka_aliases import AliasTopic
from babbitt.inference.entrypoints.kafka_answers import Answers
from babbitt.inference.entrypoints.kafka_requests import CHECK, RequestsConsumer
from babbitt.inference.entrypoints.micro_batches import MicroBatches
from babbitt.inference.entrypoints.reception import Reception
from babbitt.inference.entrypoints.startup import prepare
from babbitt.inference.entrypoints.traces import passed_on, with_span
from babbitt.inference.settings import InferenceSettings


async def serve(settings: InferenceSettings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; then finish the running batch, leave the group and close."""
    readiness = Readiness("kafka", "aliases", CHECK)
    async with AsyncExitStack() as stack:
        folder = settings.cache_folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="babbitt-")))
        engine = Installed.here().engine(settings.engine, settings.intra_op_threads, folder)
        devices = await asyncio.to_thread(used_devices, settings.engine)
        await stack.enter_async_context(health_server(readiness, settings.health_host, settings.health_port))
        loaders = stack.enter_context(ThreadPoolExecutor(1, "load"))
        runners = stack.enter_context(ThreadPoolExecutor(settings.runners, "run"))
        sender = Sender(settings)
        stack.push_async_callback(sender.stop)
        tasks = await stack.enter_async_context(background_tasks())

        objects = ObjectStore(settings.object_store_url, settings.service)
        load = LoadModel(ArtifactCache(objects, folder, settings.cached_artifacts), engine, loaders)
        answers = Answers(settings.instance, with_span if settings.otlp_endpoint else passed_on)
        announcer = KafkaAnnouncer(sender)
        diagnostics = Diagnostics(announcer, answers)
        models = ServeModels(ModelShelf(load, settings.versions_kept), diagnostics.unhealthy)
        heartbeat = Heartbeat(settings, readiness, serves=models.serving, devices=lambda: devices)
        models.on_change(heartbeat.changed)
        aliases = AliasTopic(settings, models, diagnostics.bury_alias)

        busy, batches = Busy(), MicroBatches(settings.batch_requests)
        consumer = RequestsConsumer(settings, readiness)
        delivery = Delivery(announcer, answers, busy, tasks, consumer.answered)
        claims = Claims(objects, settings.claim_limit_bytes)
        reception = Reception(models, claims, batches, delivery, busy, tasks, claims_held=settings.claims_held)
        answering = Answering(batches, AnswerQuestions(settings.batch_windows), delivery, busy, runners)

        for _ in range(settings.runners):
            tasks.create_task(answering.run())
        tasks.create_task(heartbeat.run())
        tasks.create_task(watch_kafka(settings, readiness))
        tasks.create_task(models.run())
        await unless(stop, prepare(settings, readiness, announcer, aliases, models, tasks))
        await consumer.run(reception, stop)
