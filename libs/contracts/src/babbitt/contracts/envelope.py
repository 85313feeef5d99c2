"""The CloudEvents 1.0 envelope and the base classes of everything that is said."""

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

from babbitt.contracts.names import TEXT_PATTERN, UtcDatetime
from babbitt.contracts.topics import Topic

SPEC_VERSION = "1.0"
SEQUENCE_DIGITS = 20

LARGEST_REVISION = 2**63 - 1
"""A database holds no larger one."""

type Attribute = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=TEXT_PATTERN)]
"""A CloudEvents attribute: no control characters."""
type Identity = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=TEXT_PATTERN)]
"""An attribute that a message is known by: two of them fit an index of the database, whatever their characters."""


def _traceparent(given: str | None) -> str | None:
    """A trace context in W3C's form; what is none is passed over, as W3C has it."""
    return given if given and re.fullmatch(r"[0-9a-f]{2}(-[0-9a-f]{1,64}){3,6}", given) else None


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

    id: Identity
    source: Identity
    type: Attribute
    time: UtcDatetime
    subject: Attribute | None = None
    causationid: Attribute | None = None
    correlationid: Attribute | None = None
    sequence: Attribute | None = None
    traceparent: Annotated[str | None, AfterValidator(_traceparent)] = None

    @property
    def revision(self) -> int:
        """The sequence as a number; 0 where there is none, or none of ours."""
        text = self.sequence or ""
        known = text.isascii() and text.isdecimal() and len(text) <= SEQUENCE_DIGITS
        return min(int(text), LARGEST_REVISION) if known else 0

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


class RequestPart(BaseModel):
    """What a request holds: as strict as the request itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def strictly(part: type[BaseModel]) -> BeforeValidator:
    """Reads a part that events carry too, and are open: in a request, unknown fields at any depth are refused."""

    def read(given: object) -> object:
        return part.model_validate(given, extra="forbid") if isinstance(given, dict) else given

    return BeforeValidator(read)


def only_said() -> PlainSerializer:
    """Writes of a part what was said of it: a default that nobody said is not a wish."""

    def write(part: BaseModel) -> dict[str, Any]:
        return part.model_dump(mode="json", exclude_unset=True)

    return PlainSerializer(write)


class Event(Message):
    """Says what happened. Open at every depth: unknown fields are skipped, new ones are optional."""

    model_config = ConfigDict(extra="ignore")
