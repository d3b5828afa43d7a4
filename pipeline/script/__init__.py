"""Scripts: scenes with lines, slides and presenters become a film of which only what changed is rendered.

`render` makes the film of a file or of a `Script`; `stream` does the same event by event, `plan` says what
would be done, `clean` forgets a script's segments, and `new_script` turns slides or a text into a script.
"""

from pipeline.script.archive import unpack
from pipeline.script.document import Script, json_schema
from pipeline.script.errors import ScriptError
from pipeline.script.film import Film, clean, plan, render, stream
from pipeline.script.new import NewScript, new_script
from pipeline.script.packing import pack
from pipeline.script.planning import FilmPlan, FilmProgress, PlannedShot
from pipeline.script.previews import hear_line, line_alone
from pipeline.script.reading import parse_script, placeholders_of, read_script, script_of
from pipeline.script.store import Store

__all__ = [
    "Film",
    "FilmPlan",
    "FilmProgress",
    "NewScript",
    "PlannedShot",
    "Script",
    "ScriptError",
    "Store",
    "clean",
    "hear_line",
    "json_schema",
    "line_alone",
    "new_script",
    "pack",
    "parse_script",
    "placeholders_of",
    "plan",
    "read_script",
    "render",
    "script_of",
    "stream",
    "unpack",
]
