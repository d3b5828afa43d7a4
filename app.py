"""The web page: `python app.py`, or as a Hugging Face Space. Everything is in `pipeline.ui`."""

import os

# Gradio reads its settings when it is imported, below.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from pipeline import ui

demo = ui.build()

if __name__ == "__main__":
    ui.serve(demo)
