"""The files into which the switch records conversations: 8000 samples a second, 16 bits, one channel."""

from pathlib import Path

FORMAT = "wav"

_HEADER_BYTES = 44
_BYTES_PER_SECOND = 16_000


def recording_path(folder: str, name: str, audio_format: str = FORMAT) -> str:
    """Where the switch stores the recording of this name."""
    return f"{folder}/{name}.{audio_format}"


def seconds_of(path: str) -> float | None:
    """How long a recording lasts, by the file's size; None where there is no such file.

    The header does not say it: a switch that died while recording has not written it there.
    """
    try:
        size = Path(path).stat().st_size
    except OSError:
        return None
    return round(max(0, size - _HEADER_BYTES) / _BYTES_PER_SECOND, 1)
