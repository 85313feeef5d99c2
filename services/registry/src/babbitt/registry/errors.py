"""What the registry says no to."""

from babbitt.chassis.errors import Refused


class UnknownModel(Refused):
    slug, status, title = "unknown-model", 404, "The model is not known"


class UnknownVersion(Refused):
    slug, status, title = "unknown-version", 404, "The model has no such version"


class UnknownAlias(Refused):
    slug, status, title = "unknown-alias", 404, "The model has no such alias"


class VersionRetired(Refused):
    slug, status, title = "version-retired", 409, "The version is out of use"


class VersionInUse(Refused):
    slug, status, title = "version-in-use", 409, "An alias or a job needs the version"


class ArtifactUnverified(Refused):
    slug, status, title = (
        "artifact-unverified",
        409,
        "The version's files are not what their digests say, or nobody trusted signed them",
    )


class NothingToRollBackTo(Refused):
    slug, status, title = "nothing-to-roll-back-to", 409, "The alias had no version before"


class AlreadyThere(Refused):
    slug, status, title = "already-promoted", 409, "The alias points at the version already"


class AliasMoved(Refused):
    slug, status, title = "alias-moved", 409, "The alias points elsewhere than expected"


class PolicyMoved(Refused):
    slug, status, title = "policy-changed", 409, "Other rules hold than expected"


class ChampionStays(Refused):
    slug, status, title = "champion-stays", 409, "The champion is never taken away"


class PastIncomplete(Refused):
    slug, status, title = "past-incomplete", 409, "The topic does not hold all that the registry has said"
