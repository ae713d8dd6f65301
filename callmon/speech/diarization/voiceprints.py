"""What a voice sounds like, as a point in a space where one person's points lie close.

The encoder is that of Resemblyzer (Jemine 2019), an LSTM trained by generalized
end-to-end loss (Wan, Wang, Papir and Moreno 2018); see the card in models/voices.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callmon.errors import MissingModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
FRAME = 160
"""Samples from one frame to the next."""
FRAME_LENGTH = 400
MELS = 40
"""Like the rate and the two before it, as the encoder was trained."""

LEVEL = 10**-2.7
"""Mean power of every window, -27 dB of full scale. The encoder is fed with power, not its
logarithm, and was trained at about -30 dB. On the development mixes -25 and -30 dB tell
voices apart alike, -20 and -35 dB worse (two men: by 0.05 of the AUC). Without it, the
louder party's level would count as part of the voice."""

SILENCE = 1e-10
"""Power under which there is no sound to be brought to a level."""

BATCH = 64
"""Windows at a time; 1.6 MB of mels."""

Span = tuple[int, int]
"""First frame, and the first after the last."""


class VoiceEncoder:
    """The network, loaded once for any number of calls."""

    def __init__(self, session: Any) -> None:
        """Wraps an `onnxruntime.InferenceSession`; see `load`."""
        self._session = session

    @classmethod
    def load(cls, folder: Path) -> VoiceEncoder:
        """Loads `encoder.onnx`; raises MissingModel when it cannot be read."""
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        options = onnxruntime.SessionOptions()
        # A batch is too small for more threads to help.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path = folder / "encoder.onnx"
        try:
            session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except (
            errors.Fail,
            errors.InvalidArgument,
            errors.InvalidProtobuf,
            errors.NoSuchFile,
        ):
            raise MissingModel(
                f"The voice encoder {path} cannot be read. Install callmon again; the file"
                " is part of it."
            ) from None
        return cls(session)

    def voiceprints(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """One point of length 1 for each window's mels, shape (windows, 256).

        Each window is of shape (frames, 40), as cut from `mels`; their lengths may differ.
        """
        import numpy as np

        found = np.zeros((len(windows), 256), np.float32)
        # Like lengths together: the shorter ones of a batch are filled up with zeros.
        order = np.argsort([len(window) for window in windows], kind="stable")
        for first in range(0, len(windows), BATCH):
            chosen = order[first : first + BATCH]
            lengths = np.array([len(windows[index]) for index in chosen], np.int32)
            batch = np.zeros((len(chosen), lengths.max(), MELS), np.float32)
            for row, index in enumerate(chosen):
                batch[row, : lengths[row]] = windows[index]
            (points,) = self._session.run(None, {"mels": batch, "lengths": lengths})
            # No sound at all has no direction.
            found[chosen] = np.nan_to_num(points)
        return found


def mels(sound: NDArray[np.float32], spans: Sequence[Span]) -> list[NDArray[np.float32]]:
    """The mel power of each span of frames, shape (frames, 40), at one level.

    `sound` has 16 kHz; frame n is centred at sample 160 n.
    """
    import librosa
    import numpy as np

    if not spans:
        return []
    spectrum = librosa.feature.melspectrogram(
        y=sound, sr=RATE, n_fft=FRAME_LENGTH, hop_length=FRAME, n_mels=MELS
    ).T.astype(np.float32)
    windows = []
    for first, last in spans:
        power = float(np.mean(sound[first * FRAME : last * FRAME] ** 2))
        windows.append(spectrum[first:last] * (LEVEL / max(power, SILENCE)))
    return windows
