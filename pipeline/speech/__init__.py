"""Words or a recording become `Speech`: 48 kHz sound with the times of its phones and words.

`speak` synthesises a text, phrase by phrase; `listen` finds the phones in a recording, part by part. Both
stream: a part leaves as soon as it is ready, and each is a whole number of video frames long. `check_text`
refuses a text before anything is loaded, and `text_warnings` names the words that will be left out.
`recognize` finds the words of a recording and their language.

For measurements, without knowledge of the inside: `spoken` gives the phrases of a text in words, `phonemize`
their pronunciation in IPA, and `read_recording` the levelled samples of a recording. These three names and
what they return are stable.
"""

from pipeline.speech.audio.recording import read_recording
from pipeline.speech.front_end import check_text, phonemize, spoken, text_warnings
from pipeline.speech.recognition.whisper import Transcript, recognize
from pipeline.speech.synthesize import speak
from pipeline.speech.transcribe import listen

__all__ = [
    "Transcript",
    "check_text",
    "listen",
    "phonemize",
    "read_recording",
    "recognize",
    "speak",
    "spoken",
    "text_warnings",
]
