"""Words or a recording become `Speech`: 48 kHz sound with the times of its phones and words.

`speak` says a text with a voice, sentence by sentence; `listen` finds the phones in a recording, part by
part. Both stream: a part leaves as soon as it is ready, and each is a whole number of video frames long.
"""

from pipeline.speech.synthesize import speak
from pipeline.speech.transcribe import listen

__all__ = ["listen", "speak"]
