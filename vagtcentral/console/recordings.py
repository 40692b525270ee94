"""Where the file of a recording is, and that it is one that may be given out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def recording_file(folder: Path, recording: Mapping[str, Any]) -> Path | None:
    """The file of a record's recording; None where it is missing, or lies outside the settings' folder.

    The path comes from the journal and so from the switch; it opens nothing but recordings, links followed.
    """
    try:
        file = Path(str(recording["path"])).resolve()
        return file if file.is_relative_to(folder.resolve()) and file.is_file() else None
    except (OSError, ValueError):  # a path that no file can have
        return None
