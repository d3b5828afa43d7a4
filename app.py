"""The web page: `python app.py`, or as a Hugging Face Space. Everything is in `pipeline.ui`."""

import os
import sys
import tempfile

from pipeline import environment

# Gradio's own folder, /tmp/gradio, belongs to whoever on this machine was the first to make it.
os.environ.setdefault("GRADIO_TEMP_DIR", str(environment.private_folder("page") or tempfile.mkdtemp()))

from pipeline import files, stopping, ui

demo = ui.build()


def main() -> None:
    """Serve until Ctrl-C or a signal; running jobs are cancelled and nothing unfinished stays behind."""
    with stopping.signals_raise():
        ui.serve(demo)
    files.discard_all()
    sys.stdout.flush()
    # Without unwinding: libraries' threads that still run would abort the process.
    os._exit(0)


if __name__ == "__main__":
    main()
