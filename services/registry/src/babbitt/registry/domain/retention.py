"""What a model's policy keeps: former champions to roll back to, what is young, and what somebody needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.names import CHAMPION
from babbitt.registry.domain.model import Model, told_jobs


@dataclass(frozen=True, slots=True)
class Retention:
    """What becomes of the versions that are in use.

    Attributes:
        retired: the versions that nothing keeps, in order.
        kept: by version, why it is kept: the first reason that holds.
    """

    retired: tuple[int, ...]
    kept: dict[int, str]


def retention(model: Model, policy: GatePolicy, now: datetime) -> Retention:
    """What `policy` keeps of a model's versions; changes nothing."""
    kept: dict[int, str] = {}
    retired: list[int] = []
    former = _former_champions(model)[: policy.retained_champions]
    for number in sorted(number for number, version in model.versions.items() if not version.retired):
        if reason := _reason(model, number, former, policy.retained_days, now):
            kept[number] = reason
        else:
            retired.append(number)
    return Retention(tuple(retired), kept)


def _reason(model: Model, number: int, former: list[int], retained_days: int, now: datetime) -> str | None:
    if pointing := sorted(alias for alias, pointed in model.aliases.items() if pointed == number):
        return ", ".join(pointing)
    if jobs := model.needs.get(number):
        return f"{told_jobs(jobs)} needs it"
    if number == max(model.versions):
        return "the newest version"
    if number in former:
        return f"former champion, {former.index(number) + 1} of {len(former)} that are kept for a rollback"
    age = now - model.versions[number].registered_at
    if age < timedelta(days=retained_days):
        return f"registered {age.days} days ago, kept {retained_days}"
    return None


def _former_champions(model: Model) -> list[int]:
    """What a rollback of the champion would go back to, the nearest first, each version once."""
    trail, champion = reversed(model.trails.get(CHAMPION, [])[:-1]), model.aliases.get(CHAMPION)
    return [number for number in dict.fromkeys(trail) if number != champion and not model.versions[number].retired]
