from __future__ import annotations

import os
import struct
import tempfile
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from callmon.audio import writer
from callmon.audio.decode import Decoded, decode
from callmon.errors import BadRecording, Transient

RATE = 16_000


def whole(audio: Decoded, channel: int = 0) -> np.ndarray:
    return audio.read(channel, 0, audio.duration)


def strongest_hertz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * RATE / len(samples))


def riff(
    *,
    data: bytes,
    tag: int = 1,
    rate: int = 8000,
    channels: int = 1,
    bits: int = 16,
    said: int | None = None,
) -> bytes:
    """A WAV file by hand, so that its header may lie."""
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * width, width, bits)
    size = len(data) if said is None else said
    return (
        b"RIFF"
        + struct.pack("<I", min(size + 36, 0xFFFFFFFF))
        + b"WAVEfmt "
        + struct.pack("<I", len(form))
        + form
        + b"data"
        + struct.pack("<I", size)
        + data
    )


# Formats


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.wav", "pcm_u8", 8000),
        ("a.wav", "pcm_s16le", 44_100),
        ("a.wav", "pcm_s24le", 48_000),
        ("a.wav", "pcm_s32le", 16_000),
        ("a.wav", "pcm_f32le", 11_025),
        ("a.wav", "pcm_f64le", 22_050),
        ("a.wav", "pcm_mulaw", 8000),
        ("a.wav", "pcm_alaw", 8000),
        ("a.wav", "adpcm_ima_wav", 8000),
        ("a.flac", "flac", 8000),
        ("a.mp3", "libmp3lame", 44_100),
        ("a.m4a", "aac", 48_000),
        ("a.aac", "aac", 16_000),
        ("a.opus", "libopus", 48_000),
        ("a.webm", "libopus", 48_000),
        ("a.amr", "libopencore_amrnb", 8000),
    ],
)
def test_a_tone_survives_in_every_format(tmp_path, encode, tone, name, codec, rate):
    path = encode(tmp_path / name, tone(3, rate=rate), codec=codec, rate=rate)
    with decode(path) as audio:
        assert audio.channels == 1
        assert audio.sample_rate == RATE
        assert audio.duration == pytest.approx(3, abs=0.3)
        assert audio.facts.sample_rate == rate
        middle = audio.read(0, 1, 2)
        assert strongest_hertz(middle) == pytest.approx(440, abs=2)
        assert np.abs(middle).max() == pytest.approx(0.3, abs=0.06)
        assert not audio.facts.truncated


def test_vorbis_is_read(tmp_path, tone):
    soundfile.write(tmp_path / "a.ogg", tone(2, rate=22_050), 22_050)
    with decode(tmp_path / "a.ogg") as audio:
        assert audio.facts.codec == "vorbis"
        assert audio.duration == pytest.approx(2, abs=0.03)  # one block of padding
        assert not audio.facts.truncated


def test_raw_gsm_is_found_by_its_name(tmp_path):
    # No encoder is at hand; a GSM 06.10 frame is 33 bytes, 20 ms, and begins with 0xD.
    (tmp_path / "a.gsm").write_bytes((b"\xd0" + bytes(32)) * 100)
    with decode(tmp_path / "a.gsm") as audio:
        assert audio.facts.codec == "gsm"
        assert audio.duration == pytest.approx(2, abs=0.01)


def test_gsm_in_wav_is_read(tmp_path):
    # WAV 49: blocks of 65 bytes with 320 samples.
    form = struct.pack("<HHIIHHHH", 0x31, 1, 8000, 1625, 65, 0, 2, 320)
    data = bytes(65) * 50
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data)) + data
    (tmp_path / "a.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    with decode(tmp_path / "a.wav") as audio:
        assert audio.facts.codec == "gsm_ms"
        assert audio.duration == pytest.approx(2, abs=0.05)


def test_wide_band_amr_is_read(tmp_path, encode, tone):
    import av

    try:
        av.Codec("libvo_amrwbenc", "w")
    except av.codec.codec.UnknownCodecError:
        pytest.skip("this FFmpeg has no AMR-WB encoder to make a file with")
    path = encode(tmp_path / "a.amr", tone(2), codec="libvo_amrwbenc")
    with decode(path) as audio:
        assert audio.duration == pytest.approx(2, abs=0.05)


def test_a_silent_wide_band_amr_frame_is_decoded(tmp_path):
    # Frame type 15, "no data", 20 ms each: all that can be written without an encoder.
    (tmp_path / "a.amr").write_bytes(b"#!AMR-WB\n" + b"\x7c" * 100)
    with decode(tmp_path / "a.amr") as audio:
        assert audio.facts.codec == "amrwb"
        assert audio.duration == pytest.approx(2, abs=0.05)


def test_the_sound_of_a_video_is_used(tmp_path, tone):
    import av

    path = tmp_path / "screen.mp4"
    with av.open(str(path), "w") as output:
        video = output.add_stream("mpeg4", rate=10)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        sound = output.add_stream("aac", rate=RATE, layout="mono")
        for _ in range(10):
            output.mux(video.encode(av.VideoFrame(64, 64, "yuv420p")))
        frame = av.AudioFrame.from_ndarray(tone(1)[None, :], "fltp", "mono")
        frame.sample_rate = RATE
        output.mux(sound.encode(frame))
        output.mux(video.encode(None))
        output.mux(sound.encode(None))
    with decode(path) as audio:
        assert audio.duration == pytest.approx(1, abs=0.2)
        assert strongest_hertz(audio.read(0, 0.2, 0.8)) == pytest.approx(440, abs=3)


def test_two_channels_stay_apart(tmp_path, encode, tone):
    both = np.vstack([tone(2, hertz=300), tone(2, hertz=900)])
    with decode(encode(tmp_path / "a.wav", both, codec="pcm_s16le")) as audio:
        assert audio.channels == 2
        assert strongest_hertz(whole(audio, 0)) == pytest.approx(300, abs=1)
        assert strongest_hertz(whole(audio, 1)) == pytest.approx(900, abs=1)


def test_two_channels_with_an_odd_speaker_mask_stay_apart(tmp_path, tone):
    # Centre and subwoofer: FFmpeg would mix them if it were asked for stereo.
    left, right = tone(1, hertz=300), tone(1, hertz=900)
    data = (np.vstack([left, right]).T * 32767).astype("<i2").tobytes()
    extension = struct.pack("<HHIH", 22, 16, 0xC, 1) + bytes.fromhex(
        "000000001000800000aa00389b71"
    )
    form = struct.pack("<HHIIHH", 0xFFFE, 2, RATE, RATE * 4, 4, 16) + extension
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data)) + data
    (tmp_path / "a.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    with decode(tmp_path / "a.wav") as audio:
        assert strongest_hertz(whole(audio, 0)) == pytest.approx(300, abs=1)
        assert strongest_hertz(whole(audio, 1)) == pytest.approx(900, abs=1)


def test_a_recording_that_changes_its_rate_is_read_on(tmp_path, encode, tone):
    first = encode(tmp_path / "1.aac", tone(1), codec="aac")
    second = encode(tmp_path / "2.aac", tone(1, rate=44_100), codec="aac", rate=44_100)
    joined = tmp_path / "a.aac"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    with decode(joined) as audio:
        assert audio.duration == pytest.approx(2, abs=0.2)
        assert strongest_hertz(audio.read(0, 1.2, 1.8)) == pytest.approx(440, abs=3)


def test_an_ogg_whose_clock_starts_again_is_read_on(tmp_path, encode, tone):
    # Two streams in one file: what a recorder makes that reconnects.
    first = encode(tmp_path / "1.opus", tone(1), codec="libopus")
    second = encode(tmp_path / "2.opus", tone(2, hertz=900), codec="libopus")
    chained = tmp_path / "a.opus"
    chained.write_bytes(first.read_bytes() + second.read_bytes())
    with decode(chained) as audio:
        assert audio.duration == pytest.approx(3, abs=0.05)
        assert audio.facts.missing == 0
        assert strongest_hertz(audio.read(0, 2.2, 2.8)) == pytest.approx(900, abs=3)


# Samples


def test_samples_at_the_working_rate_are_kept_exactly(tmp_path):
    stored = np.random.default_rng(0).integers(-32768, 32768, 5000).astype("<i2")
    (tmp_path / "a.wav").write_bytes(riff(data=stored.tobytes(), rate=RATE))
    with decode(tmp_path / "a.wav") as audio:
        assert np.array_equal(whole(audio) * 32768, stored)


def test_resampling_keeps_the_length_to_the_last_sample(tmp_path, encode, tone):
    path = encode(tmp_path / "a.wav", tone(1.234, rate=8000), codec="pcm_s16le", rate=8000)
    with decode(path) as audio:
        assert audio.duration == pytest.approx(1.234, abs=1 / RATE)


def test_reading_is_cut_to_the_recording(tmp_path, encode, tone):
    with decode(encode(tmp_path / "a.wav", tone(1), codec="pcm_s16le")) as audio:
        assert len(audio.read(0, -5, 0.5)) == 8000
        assert len(audio.read(0, 0.5, 99)) == 8000
        assert len(audio.read(0, 7, 9)) == 0
        assert len(audio.read(0, 0.5, 0.2)) == 0


def test_a_piece_is_the_same_as_that_part_of_the_whole(tmp_path, encode, voice):
    both = np.vstack([voice(2), voice(2, seed=5)])
    with decode(encode(tmp_path / "a.flac", both, codec="flac")) as audio:
        assert np.array_equal(audio.read(1, 0.7, 1.3), whole(audio, 1)[11_200:20_800])


def test_a_channel_that_is_not_there_is_an_index_error(tmp_path, encode, tone):
    with (
        decode(encode(tmp_path / "a.wav", tone(1), codec="pcm_s16le")) as audio,
        pytest.raises(IndexError, match="channel 1"),
    ):
        audio.read(1, 0, 1)


def test_nan_and_infinity_become_silence_and_full_scale(tmp_path):
    samples = np.zeros(RATE, "<f4")
    samples[100], samples[200], samples[300] = np.nan, np.inf, -1e30
    (tmp_path / "a.wav").write_bytes(
        riff(data=samples.tobytes(), tag=3, rate=RATE, bits=32)
    )
    with decode(tmp_path / "a.wav") as audio:
        read = whole(audio)
        assert read[100] == 0
        assert read[200] == pytest.approx(1, abs=1e-3)
        assert read[300] == -1
        assert not np.delete(read, [200, 300]).any()


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_f32le", "pcm_mulaw"])
def test_the_clipped_share_is_counted_by_channel(tmp_path, encode, tone, codec):
    loud = np.clip(10 * tone(1), -1, 1)
    both = np.vstack([tone(1), loud])
    with decode(encode(tmp_path / "a.wav", both, codec=codec)) as audio:
        assert audio.facts.clipped[0] == 0
        assert audio.facts.clipped[1] == pytest.approx(
            np.mean(np.abs(loud) > 0.98), abs=0.02
        )


def test_a_gap_in_the_time_stamps_becomes_silence(tmp_path, encode, tone):
    path = encode(
        tmp_path / "a.mkv", tone(2), codec="pcm_s16le", starts={15_360: 3.0}
    )  # from 0.96 s on, three seconds later
    with decode(path) as audio:
        assert audio.duration == pytest.approx(5, abs=0.05)
        assert audio.facts.missing == pytest.approx(3, abs=0.05)
        assert not audio.read(0, 1.1, 3.8).any()
        assert strongest_hertz(audio.read(0, 4.1, 4.9)) == pytest.approx(440, abs=3)


def test_a_clock_that_jumps_by_days_is_not_believed(tmp_path, encode, tone):
    path = encode(tmp_path / "a.mkv", tone(2), codec="pcm_s16le", starts={15_360: 1e6})
    with decode(path) as audio:
        assert audio.duration == pytest.approx(2, abs=0.05)


# Damage


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.wav", "pcm_s16le"),
        ("a.wav", "pcm_mulaw"),
        ("a.flac", "flac"),
        ("a.mp3", "libmp3lame"),
        ("a.aac", "aac"),
        ("a.ogg", "libopus"),
        ("a.webm", "libopus"),
    ],
)
def test_what_is_left_of_a_cut_recording_is_kept(tmp_path, encode, voice, name, codec):
    path = encode(tmp_path / name, voice(5), codec=codec)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with decode(path) as audio:
        assert 2 < audio.duration < 4
        assert audio.facts.truncated
        assert np.abs(whole(audio)).max() > 0.1


def test_an_m4a_without_its_index_is_refused_with_the_reason(tmp_path, encode, voice):
    path = encode(tmp_path / "a.m4a", voice(3), codec="aac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadRecording, match=r"index is missing.*Export or copy it again"):
        decode(path)


def test_a_hole_in_the_middle_keeps_the_times_behind_it(tmp_path, encode, tone):
    path = encode(tmp_path / "a.webm", tone(6), codec="libopus")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    path.write_bytes(data)
    with decode(path) as audio:
        assert audio.duration == pytest.approx(6, abs=0.1)
        assert audio.facts.missing > 0.1


@pytest.mark.parametrize("said", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_placeholder_size_of_a_streamed_wav_is_no_truncation(tmp_path, said):
    (tmp_path / "a.wav").write_bytes(riff(data=bytes(32_000), said=said))
    with decode(tmp_path / "a.wav") as audio:
        assert audio.duration == pytest.approx(2)
        assert not audio.facts.truncated


def test_a_wav_header_that_promises_more_is_a_truncation(tmp_path):
    (tmp_path / "a.wav").write_bytes(riff(data=bytes(32_000), said=64_000))
    with decode(tmp_path / "a.wav") as audio:
        assert audio.duration == pytest.approx(2)
        assert audio.facts.truncated


@pytest.mark.parametrize("count", [b"Xing", b"none"])
def test_a_tag_behind_the_sound_is_no_truncation(tmp_path, encode, voice, count):
    path = encode(tmp_path / "a.mp3", voice(3), codec="libmp3lame")
    sound = path.read_bytes().replace(b"Xing", count).replace(b"Info", count)
    path.write_bytes(sound + b"TAG" + b"Title".ljust(125))
    with decode(path) as audio:
        assert not audio.facts.truncated


def test_noise_of_the_decoder_stays_off_the_terminal(tmp_path, encode, voice, capfd):
    path = encode(tmp_path / "a.mp3", voice(3), codec="libmp3lame")
    data = bytearray(path.read_bytes())
    data[3000:5000] = bytes(2000)
    path.write_bytes(data)
    decode(path).close()
    assert capfd.readouterr() == ("", "")


# Refusals


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadRecording, match=r"There is no file at '.*nothing\.wav'"):
        decode(tmp_path / "nothing.wav")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(BadRecording, match="is a folder"):
        decode(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(BadRecording, match="not an ordinary file"):
        decode(tmp_path / "a.wav")


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    # The tests may run as root, who may read anything.
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")

    def deny(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(BadRecording, match="may not be read by this user"):
        decode(path)


def test_a_path_with_a_null_character_is_refused():
    with pytest.raises(BadRecording, match=r"a\\x00b"):
        decode(Path("a\0b.wav"))


def test_a_name_that_is_too_long_is_refused():
    with pytest.raises(BadRecording, match="cannot be opened"):
        decode(Path("a" * 5000))


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "a.wav").touch()
    with pytest.raises(BadRecording, match=r"is empty \(0 bytes\)"):
        decode(tmp_path / "a.wav")


def test_a_text_file_is_refused(tmp_path):
    (tmp_path / "a.wav").write_text("Agent: hello\nCustomer: hello\n" * 200)
    with pytest.raises(BadRecording, match="not a sound file that can be read"):
        decode(tmp_path / "a.wav")


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_refused(tmp_path, seed):
    (tmp_path / "a.mp3").write_bytes(np.random.default_rng(seed).bytes(3000))
    with pytest.raises(BadRecording):
        decode(tmp_path / "a.mp3")


def test_a_wav_without_samples_is_refused(tmp_path):
    (tmp_path / "a.wav").write_bytes(riff(data=b""))
    with pytest.raises(BadRecording, match="Nothing could be decoded"):
        decode(tmp_path / "a.wav")


def test_a_picture_is_refused(tmp_path):
    import av

    with av.open(str(tmp_path / "a.mp4"), "w") as output:
        video = output.add_stream("mpeg4", rate=10)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        output.mux(video.encode(av.VideoFrame(64, 64, "yuv420p")))
        output.mux(video.encode(None))
    with pytest.raises(BadRecording, match="holds no sound track"):
        decode(tmp_path / "a.mp4")


def test_more_than_two_channels_are_refused_with_the_layouts_that_work(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(6)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(12 * 8000))
    with pytest.raises(BadRecording, match=r"6 channels\. Two layouts work: one .* two"):
        decode(tmp_path / "a.wav")


@pytest.mark.parametrize("rate", [1, 2_000_000_000])
def test_an_impossible_rate_is_refused(tmp_path, rate):
    (tmp_path / "a.wav").write_bytes(riff(data=bytes(32_000), rate=rate))
    with pytest.raises(BadRecording, match=f"{rate} samples per second"):
        decode(tmp_path / "a.wav")


def test_a_recording_over_the_limit_is_refused_with_both_numbers(tmp_path, encode, tone):
    path = encode(tmp_path / "a.wav", tone(20), codec="pcm_s16le")
    with pytest.raises(
        BadRecording, match=r"lasts .*\(20 s\) or more.*limit is .*\(12 s\)"
    ):
        decode(path, max_seconds=12)


def test_a_full_disk_can_be_tried_again(tmp_path, encode, tone, monkeypatch):
    path = encode(tmp_path / "a.wav", tone(2), codec="pcm_s16le")
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    monkeypatch.setattr(writer.tempfile, "TemporaryFile", lambda **_: full.open("wb"))
    with pytest.raises(Transient, match=r"is full.*make room"):
        decode(path)


# One file and no other


SECRET = "secret.wav"


@pytest.mark.parametrize("name", ["a.wav", "a.m3u8", "a.mp3", "a.ffconcat", "a.mpd"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2,\nconcat:{secret}|{secret}\n",
        "#EXTM3U\n#EXTINF:2,\nsubfile,,start,0,end,99,,:{secret}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{secret}'\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT2S"><Period><AdaptationSet><Representation'
        ' id="1" mimeType="audio/wav"><BaseURL>{secret}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=audio 5004 RTP/AVP 0\n",
        "file:{secret}",
    ],
)
def test_a_playlist_is_refused_and_opens_nothing(tmp_path, monkeypatch, name, text):
    (tmp_path / SECRET).write_bytes(riff(data=bytes(32_000)))
    os.mkfifo(tmp_path / "pipe")  # opening this one would block until the time limit
    monkeypatch.chdir(tmp_path)
    for secret in (tmp_path / SECRET, SECRET, tmp_path / "pipe"):
        (tmp_path / name).write_text(text.format(secret=secret))
        with pytest.raises(BadRecording, match="not a sound file"):
            decode(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    ["http:", "-", "pipe:0", "concat:a|b", "a%03d.wav", "-i.wav", "\udcff.wav", "é\n.wav"],
)
def test_a_file_name_is_never_taken_for_an_address(
    tmp_path, monkeypatch, encode, tone, name
):
    monkeypatch.chdir(tmp_path)
    encode(tmp_path / "plain", tone(1), codec="pcm_s16le", container="wav").rename(name)
    with decode(Path(name)) as audio:
        assert audio.duration == pytest.approx(1)


# Resources


def test_progress_runs_to_one(tmp_path, encode, tone):
    path = encode(tmp_path / "a.wav", tone(20), codec="pcm_s16le")
    shares: list[float] = []
    decode(path, progress=shares.append).close()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 5


def test_memory_does_not_grow_with_the_recording(tmp_path, encode, tone):
    def peak(seconds: float) -> int:
        path = encode(
            tmp_path / "a.flac", tone(seconds, rate=8000), codec="flac", rate=8000
        )
        tracemalloc.start()
        try:
            decode(path).close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(120) < 2 * peak(10) < 2_000_000


def test_the_temporary_file_has_no_name_and_goes_with_the_sound(tmp_path, encode, tone):
    path = encode(tmp_path / "a.wav", tone(1), codec="pcm_s16le")
    folder = tmp_path / "temporary"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        with decode(path) as audio:
            assert list(folder.iterdir()) == []
    with pytest.raises(ValueError, match="closed"):
        audio.read(0, 0, 1)


def test_real_telephone_calls_decode_whole(shared):
    for path in sorted((shared / "calls").glob("*.flac")):
        with decode(path) as audio:
            assert audio.duration == pytest.approx(soundfile.info(path).duration, abs=0.001)
            assert not audio.facts.truncated
