"""Speech to motion: lips from sound and phones, head pose, brows, blinks and gaze; and motion files.

`perform` generates motion as a stream; `read_motion` and `write_motion` exchange it with other programs.
"""

from pipeline.motion.files import read_motion, resample, write_motion
from pipeline.motion.synthesis import perform

__all__ = ["perform", "read_motion", "resample", "write_motion"]
