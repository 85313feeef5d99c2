"""Which presets there are: families enter by decorator, those of other packages by an entry point."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from babbitt.training.families.errors import UnknownPreset
from babbitt.training.families.preset import FamilyConfig, Preset, Size

ENTRY_POINTS = "babbitt.families"
"""Group whose entry points name modules that register families when they are imported."""
BUILT_IN = (
    "babbitt.training.families.spectral.config",
    "babbitt.training.families.order_envelope.config",
    "babbitt.training.families.waveform_nets.config",
    "babbitt.training.families.closed_form.config",
    "babbitt.training.families.healthy_baseline.config",
    "babbitt.training.families.from_versions.config",
)


class Presets:
    """All presets by name: `<family>_<size>`."""

    def __init__(self) -> None:
        self._presets: dict[str, Preset] = {}

    def family[C: FamilyConfig](self, name: str, **sizes: Size) -> Callable[[type[C]], type[C]]:
        """Register a family's configuration class under `name`, with a preset `<name>_<size>` for each of `sizes`.

        Raises:
            ValueError: a preset of that name is there already.
        """

        def register(config: type[C]) -> type[C]:
            for size, of in sizes.items():
                preset = f"{name}_{size}"
                if preset in self._presets:
                    raise ValueError(f"preset {preset!r} is registered already")
                self._presets[preset] = Preset(preset, name, config(**of.changes), of.recipe)
            return config

        return register

    def names(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(sorted(self._presets))

    def named(self, name: str) -> Preset:
        """The preset of that name.

        Raises:
            UnknownPreset: there is none.
        """
        try:
            return self._presets[name]
        except KeyError:
            raise UnknownPreset(name, self.names()) from None


PRESETS = Presets()
"""The registry that the decorator of every family module writes to."""


def load_presets() -> Presets:
    """Import the families that come with Babbitt and those of other packages; all of their presets."""
    for module in BUILT_IN:
        import_module(module)
    for entry in entry_points(group=ENTRY_POINTS):
        entry.load()
    return PRESETS
