"""The parts that answer, put together, with everything real but Kafka."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiokafka import ConsumerRecord

from babbitt.chassis.objects import ObjectStore
from babbitt.chassis.service import background_tasks
from babbitt.contracts.predictions import PredictionCompleted, PredictionFailed
from babbitt.contracts.simulations import SKF_6205
from babbitt.contracts.topics import PREDICTIONS_RESULTS
from babbitt.contracts.waveform import encode_samples, waveform_headers
from babbitt.inference.adapters.claims import Claims
from babbitt.inference.adapters.onnx_runtime import OnnxRuntime
from babbitt.inference.application.answer_questions import AnswerQuestions
from babbitt.inference.application.model_shelf import ModelShelf
from babbitt.inference.application.serve_models import ServeModels
from babbitt.inference.entrypoints.answering import Answering
from babbitt.inference.entrypoints.busy import Busy
from babbitt.inference.entrypoints.delivery import Delivery
from babbitt.inference.entrypoints.kafka_answers import Answers
from babbitt.inference.entrypoints.kafka_arrivals import Arrival
from babbitt.inference.entrypoints.micro_batches import MicroBatches
from babbitt.inference.entrypoints.reception import Reception


class Said:
    """What was said, by topic; acknowledgements come when the test lets them."""

    def __init__(self):
        self.messages = []
        self.acknowledged = asyncio.Event()
        self.acknowledged.set()

    async def say(self, messages):
        self.messages.extend(messages)
        await self.acknowledged.wait()
        return []

    def on(self, topic):
        return [message for message in self.messages if message.topic == topic.name]

    def answers(self):
        """Results by prediction id."""
        kinds = {b"PredictionCompleted": PredictionCompleted, b"PredictionFailed": PredictionFailed}
        results = [
            kinds[dict(message.headers)["ce_type"]].model_validate_json(message.value)
            for message in self.on(PREDICTIONS_RESULTS)
        ]
        return {result.prediction_id: result for result in results}


class Desk:
    """The parts that answer, put together; `records` are numbered from 0 on one partition."""

    def __init__(self, tasks, models, objects, threads):
        self.said = Said()
        self.answered = []
        self.busy = Busy()
        self.batches = MicroBatches(64)
        self.models = models
        delivery = Delivery(
            self.said,
            Answers("inference-0"),
            self.busy,
            tasks,
            lambda arrival: self.answered.append(arrival.record.offset),
        )
        claims = Claims(objects, 1_000_000)
        self.reception = Reception(models, claims, self.batches, delivery, self.busy, tasks, claims_held=2)
        self._answering = Answering(self.batches, self.answer, delivery, self.busy, threads)
        self.bugs = set()
        self._tasks = tasks
        self._count = 0

    def answer(self, questions):
        if any(question.request.prediction_id in self.bugs for question in questions):
            raise KeyError("a bug")
        return AnswerQuestions(64)(questions)

    def run(self):
        self._tasks.create_task(self._answering.run())

    def accept(self, headers, value):
        record = ConsumerRecord(
            topic="t",
            partition=0,
            offset=self._count,
            timestamp=int(time.time() * 1000),
            timestamp_type=0,
            key=b"k",
            value=value,
            checksum=None,
            serialized_key_size=1,
            serialized_value_size=len(value or b""),
            headers=tuple(headers),
        )
        self._count += 1
        self.reception.accept(Arrival(record))

    def ask(self, request, waveform, *, more=(), value=None, **replaced):
        raw, encoding = encode_samples(waveform)
        headers = [*waveform_headers(request, encoding.model_copy(update=replaced)), *more]
        self.accept(headers, raw if value is None else value)
        return request.prediction_id

    async def until_answered(self, count):
        async with asyncio.timeout(10):
            while len(self.answered) < count:
                await asyncio.sleep(0)
        return self.said.answers()


@pytest.fixture
def objects(tmp_path):
    return ObjectStore(tmp_path.as_uri(), "gateway")


@pytest.fixture
async def desk(objects, tiny_onnx, reading_onnx, assigned, data_spec, model_spec, reading_spec):
    constant = {"shaft_speed": "constant", "shaft_speed_hz": 40.0, "bearing": SKF_6205}
    served = {
        "champion": (tiny_onnx(), data_spec, model_spec),
        "fragile": (tiny_onnx(root=True), data_spec, model_spec),
        "reading": (reading_onnx(), data_spec.model_copy(update=constant), reading_spec),
    }
    loads = {}

    async def load(wanted):
        return loads[wanted.artifact.sha256]

    made, end = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def hold():  # a task group is entered and left by one task, which a fixture is not
        with ThreadPoolExecutor(1) as threads:
            async with background_tasks() as tasks:
                models = ServeModels(ModelShelf(load, kept=2), None)
                for reference, (content, data, model) in served.items():
                    announced = assigned(content, reference=reference, version=3, data_spec=data, model_spec=model)
                    loads[announced.artifact.sha256] = OnnxRuntime().load(content, data, model)
                    models.assign(announced, 1)
                tasks.create_task(models.run())
                await models.settled()
                made.set_result(Desk(tasks, models, objects, threads))
                await end.wait()

    holding = asyncio.create_task(hold())
    yield await made
    end.set()
    await holding
