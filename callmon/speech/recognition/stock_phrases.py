"""What Whisper says to silence, noise and music, word for word.

The models were trained on subtitles of films from the internet, and these are what
stands in subtitles while nobody speaks (Baranski et al. 2025, "Investigation of Whisper
ASR hallucinations induced by non-speech audio", lists the English ones).
All in lower case, without marks, and always the whole text of a clip.
"""

from __future__ import annotations

from typing import Final

FOREIGN_TO_CALLS: Final = frozenset(
    {
        "don't forget to like and subscribe",
        "don't forget to subscribe",
        "like and subscribe",
        "music",
        "please like and subscribe",
        "please subscribe",
        "please subscribe to my channel",
        "see you in the next video",
        "subscribe to my channel",
        "subtitles by the amaraorg community",
        "thank you for watching",
        "thank you for watching and see you in the next video",
        "thank you so much for watching",
        "thank you very much for watching",
        "thanks for watching",
        "thanks for watching and i'll see you in the next video",
        "transcription by castingwords",
        # the same in the other languages in which they are reported most
        "untertitel der amaraorgcommunity",
        "untertitel im auftrag des zdf für funk 2017",
        "vielen dank fürs zuschauen",
        "soustitrage société radiocanada",
        "soustitres réalisés para la communauté d'amaraorg",
        "merci d'avoir regardé cette vidéo",
        "subtítulos realizados por la comunidad de amaraorg",
        "gracias por ver el video",
        "sottotitoli creati dalla comunità amaraorg",
        "sottotitoli e revisione a cura di qtss",
        "legendas pela comunidade amaraorg",
        "ご視聴ありがとうございました",
    }
)
"""Nobody says these in a service call."""

AMBIGUOUS: Final = frozenset(
    {"bye", "bye bye", "okay", "so", "thank you", "thank you very much", "thanks", "you"}
)
"""People do say these; they are left out only where the model itself has doubts."""
