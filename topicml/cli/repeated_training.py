"""What the commands share that train many models on parts of one corpus: its reading, settings, results."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
