"""Sound for the telephone: rates, levels and silences, told by the energy of tones."""

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.menus.audio import (
    LEVEL_DBFS,
    PEAK_DBFS,
    AudioError,
    read_wav,
    resample,
    speech_level,
    telephone,
    telephone_ms,
    trim_end,
    wav_bytes,
)


def tone(hertz, rate, seconds=0.5, size=0.5):
    return size * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def energy(samples, rate, hertz):
    """The size of a tone in the sound, from its spectrum."""
    window = np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(samples * window)) / window.sum() * 2
    nearest = round(hertz * len(samples) / rate)
    return float(spectrum[max(0, nearest - 2) : nearest + 3].max())


def pcm(samples, rate, width=2, channels=1):
    whole = np.clip(np.rint(samples * (2 ** (8 * width - 1) - 1)), -(2 ** (8 * width - 1)), None).astype(
        "<i8"
    )
    octets = whole.view(np.uint8).reshape(-1, 8)[:, :width]
    if width == 1:
        octets = (whole + 128).astype(np.uint8).reshape(-1, 1)
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(np.repeat(octets, channels, axis=0).tobytes())
    return content.getvalue()


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 16_000, 11_025, 8_001, 96_000])
def test_a_tone_within_the_telephones_reach_keeps_its_pitch_and_size_at_any_rate(rate):
    heard = resample(tone(1_000, rate), rate, 8_000)
    assert abs(len(heard) - 4_000) <= 1
    assert energy(heard, 8_000, 1_000) == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize(
    ("rate", "hertz"), [(22_050, 5_000), (48_000, 7_000), (44_100, 4_200), (96_000, 20_000)]
)
def test_a_tone_beyond_the_telephones_reach_is_gone_and_does_not_fold_back(rate, hertz):
    heard = resample(tone(hertz, rate), rate, 8_000)
    middle = heard[400:-400]
    assert np.sqrt((middle**2).mean()) < 0.5 * 10 ** (-60 / 20)


def test_close_to_the_limit_the_sound_fades_out_and_below_it_is_left_alone():
    whole, faded = (
        energy(resample(tone(hertz, 22_050), 22_050, 8_000), 8_000, hertz) for hertz in (3_500, 3_900)
    )
    assert whole == pytest.approx(0.5, rel=0.02)
    assert faded < 0.1


def test_the_same_rate_is_left_alone():
    sound = tone(440, 8_000)
    assert resample(sound, 8_000, 8_000) is sound


def test_the_end_does_not_ring_into_the_beginning():
    sound = np.concatenate([np.zeros(22_050), tone(900, 22_050)])
    heard = resample(sound, 22_050, 8_000)
    assert np.abs(heard[:7_000]).max() < 1e-3


@pytest.mark.parametrize("size", [0.01, 0.2, 0.9])
def test_speech_comes_to_one_level_however_loud_it_was(size):
    talk = tone(600, 22_050, 1.0, size) * np.repeat([1.0, 0.0, 1.0, 0.0, 1.0], 4_410)
    heard = telephone(talk, 22_050)
    assert speech_level(heard, 8_000) == pytest.approx(LEVEL_DBFS, abs=0.3)


def test_a_sound_with_high_peaks_stays_quieter_than_the_level_and_is_never_cut_off():
    click = tone(600, 8_000, 1.0, 0.01)
    click[4_000] = 1.0
    heard = telephone(click, 8_000)
    assert np.abs(heard).max() <= 10 ** (PEAK_DBFS / 20) + 1e-9
    assert speech_level(heard, 8_000) < LEVEL_DBFS


def test_silence_at_the_end_is_trimmed_but_for_a_breath():
    sound = np.concatenate([tone(600, 8_000), np.zeros(8_000)])
    assert len(trim_end(sound, 8_000)) == pytest.approx(4_000 + 1_200, abs=10)
    assert len(telephone(sound, 8_000, trim=False)) == 12_000


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_plain_pcm_of_every_width_is_read(tmp_path, width, channels):
    file = tmp_path / "a.wav"
    file.write_bytes(pcm(tone(500, 16_000), 16_000, width, channels))
    samples, rate = read_wav(file)
    assert rate == 16_000
    assert np.abs(samples - tone(500, 16_000)).max() < 0.01


def test_stereo_is_the_mean_of_its_channels(tmp_path):
    left_only = np.stack([tone(500, 8_000), np.zeros(4_000)], axis=1).reshape(-1)
    content = bytearray(pcm(left_only, 8_000))
    content[22:24] = (2).to_bytes(2, "little")
    content[32:34] = (4).to_bytes(2, "little")
    file = tmp_path / "a.wav"
    file.write_bytes(content)
    samples, _ = read_wav(file)
    assert energy(samples, 8_000, 500) == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "is no WAV file"),
        (b"ID3\x03 an mp3", "is no WAV file"),
        (pcm(tone(500, 8_000), 8_000)[:30], "is no WAV file"),
        (pcm(np.zeros(0), 8_000), "has no sound in it"),
        (pcm(tone(500, 4_000), 4_000), "has 4000 samples a second"),
        (pcm(tone(500, 8_000), 8_000)[:20] + b"\x03" + pcm(tone(500, 8_000), 8_000)[21:], "is no WAV file"),
        (pcm(np.zeros(8_000 * 301), 8_000), "is longer than 300 s"),
    ],
    ids=["empty", "mp3", "cut", "no-frames", "slow", "float", "long"],
)
def test_what_is_no_usable_sound_is_refused_in_one_line(tmp_path, content, seen):
    file = tmp_path / "a.wav"
    file.write_bytes(content)
    with pytest.raises(AudioError) as refused:
        read_wav(file)
    assert str(refused.value).startswith(seen)
    assert str(refused.value).endswith("a WAV file of plain PCM, 8 to 32 bits, 8 to 192 kHz, at most 300 s")
    assert "\n" not in str(refused.value)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_any_damage_to_a_file_is_refused_or_read_and_never_a_crash(tmp_path_factory, noise, at):
    file = tmp_path_factory.mktemp("damage") / "a.wav"
    good = pcm(tone(500, 8_000, 0.01), 8_000)
    file.write_bytes(good[:at] + noise + good[at + len(noise) :])
    telephone_ms(file)
    try:
        samples, rate = read_wav(file)
    except AudioError:
        return
    assert len(samples) > 0
    assert rate > 0


def test_silence_is_no_prompt():
    with pytest.raises(AudioError, match="is silent"):
        telephone(np.zeros(8_000), 8_000)


def test_the_duration_comes_from_the_header_and_a_cut_file_has_none(tmp_path):
    file = tmp_path / "a.wav"
    content = wav_bytes(tone(500, 8_000, 1.234))
    file.write_bytes(content)
    assert telephone_ms(file) == 1_234
    for wrong in (content[:-2], content[:44], b"", pcm(tone(500, 16_000), 16_000)):
        file.write_bytes(wrong)
        assert telephone_ms(file) is None
    assert telephone_ms(tmp_path / "none.wav") is None
