"""The `Accept` header (RFC 9110, 12.5.1): which of two representations the caller would rather have."""


def prefers(accept: str, wanted: str, usual: str) -> bool:
    """Whether `wanted` is asked for with a higher weight than `usual`, or with the same and by name where that is not.

    Args:
        accept: the header.
        wanted: a media type, such as `text/html`.
        usual: what is sent where nothing is preferred.
    """
    ours, others = _weight(accept, wanted), _weight(accept, usual)
    return ours > others and ours[0] > 0


def _weight(accept: str, media_type: str) -> tuple[float, int]:
    """The weight of the most specific range that holds the type, and how specific that is; 0 where none does."""
    ranges = {media_type: 2, f"{media_type.partition('/')[0]}/*": 1, "*/*": 0}
    found: list[tuple[int, float]] = [(-1, 0.0)]
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name in ranges:
            found.append((ranges[name], _q(parameters)))
    specific, weight = max(found)
    return weight, specific


def _q(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
