"""Put the shipped corpus and model into the wheel; an editable install finds them in the checkout."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = {
    "data/world_desk.jsonl": "topicml/shipped/world_desk.jsonl",
    "models/world-desk": "topicml/shipped/world-desk",
}


class ShippedFiles(BuildHookInterface):  # type: ignore[type-arg]  # its configuration is not used
    """The hook that hatchling calls before it builds a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files, unless the build is an editable one."""
        if version == "standard":
            build_data["force_include"].update(SHIPPED)
