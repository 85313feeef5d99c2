"""The CloudEvents 1.0 envelope and the base classes of everything that is said."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from babbitt.contracts.names import UtcDatetime
from babbitt.contracts.topics import Topic

SPEC_VERSION = "1.0"
SEQUENCE_DIGITS = 20

type Attribute = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A CloudEvents attribute: no control characters."""


class Envelope(BaseModel):
    """The CloudEvents attributes of one message.

    Attributes:
        id: unique for its source; the same id from the same source is the same message.
        source: who says it, a URI reference such as `/babbitt/training`.
        type: the contract's name: `TrainRequested`.
        time: when it was said, UTC.
        subject: the key: what it is about.
        causationid: id of the message that this one answers.
        correlationid: id of the first message of the chain.
        sequence: the aggregate's revision, zero-padded, so that text order is number order.
        traceparent: W3C trace context of the one who said it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Attribute
    source: Attribute
    type: Attribute
    time: UtcDatetime
    subject: Attribute | None = None
    causationid: Attribute | None = None
    correlationid: Attribute | None = None
    sequence: Attribute | None = None
    traceparent: str | None = None

    @classmethod
    def of(
        cls,
        message: "Message",
        *,
        id: UUID | str,  # noqa: A002 - the CloudEvents attribute's own name
        source: str,
        time: datetime,
        sequence: int = 1,
        cause: Self | None = None,
        traceparent: str | None = None,
    ) -> Self:
        """The envelope of `message`, in the chain of `cause` where there is one."""
        return cls(
            id=str(id),
            source=source,
            type=type(message).type_name(),
            time=time,
            subject=message.key(),
            causationid=cause.id if cause else None,
            correlationid=(cause.correlationid or cause.id) if cause else str(id),
            sequence=f"{sequence:0{SEQUENCE_DIGITS}d}",
            traceparent=traceparent,
        )


class Message(BaseModel):
    """Anything said on a topic. A subclass names its topics: `class Said(Event, topic=TOPIC)`."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    topics: ClassVar[tuple[Topic, ...]] = ()

    def __init_subclass__(cls, topic: Topic | None = None, topics: tuple[Topic, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.topics = (topic,) if topic else topics

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type."""
        return cls.__name__

    @classmethod
    def topic(cls) -> Topic:
        """The one topic of this message.

        Raises:
            ValueError: it may be said on several, so the speaker has to choose.
        """
        if len(cls.topics) != 1:
            raise ValueError(f"{cls.__name__} may be said on {len(cls.topics)} topics: name one")
        return cls.topics[0]

    def key(self) -> str:
        """The Kafka key, which is also the envelope's subject."""
        raise NotImplementedError(type(self).__name__)


class Request(Message):
    """Asks for something. Strict: an unknown field is malformed."""

    model_config = ConfigDict(extra="forbid")


class Event(Message):
    """Says what happened. Open: unknown fields are skipped, new ones are optional."""

    model_config = ConfigDict(extra="ignore")
