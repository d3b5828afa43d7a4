"""Speech becomes motion: lips from sound and phones, head, brows, blinks and gaze; and motion files.

`perform` streams; `read_motion` and `write_motion` keep a performance in a file that other programs read.
"""

from pipeline.motion.files import read_motion, resample, write_motion
from pipeline.motion.synthesis import perform

__all__ = ["perform", "read_motion", "resample", "write_motion"]
