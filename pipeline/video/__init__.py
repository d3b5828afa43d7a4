"""Video files: reading any format, encoding while frames are made, and captions.

Everything goes through PyAV, whose wheels bring FFmpeg, x264 and AAC; no system package is needed.
"""

from pipeline.video.captions import Captions, Cue, write_srt, write_vtt
from pipeline.video.reader import VideoInfo, has_picture, probe, read_frames
from pipeline.video.sound import Sound, open_sound, read_sound, sound_seconds
from pipeline.video.writer import Writer

__all__ = [
    "Captions",
    "Cue",
    "Sound",
    "VideoInfo",
    "Writer",
    "has_picture",
    "open_sound",
    "probe",
    "read_frames",
    "read_sound",
    "sound_seconds",
    "write_srt",
    "write_vtt",
]
