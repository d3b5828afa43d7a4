"""Words or a recording become `Speech`: 48 kHz sound with the times of its phones and words.

`speak` says a text with a voice, sentence by sentence; `listen` finds the phones in a recording, part by
part. Both stream: a part leaves as soon as it is ready, and each is a whole number of video frames long.
"""

from pipeline.speech.listening import listen
from pipeline.speech.speaking import speak
from pipeline.speech.voices import VoiceCard, voices

__all__ = ["VoiceCard", "listen", "speak", "voices"]
