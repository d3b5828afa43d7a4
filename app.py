"""The web page: `python app.py`, or as a Hugging Face Space. Everything is in `pipeline.ui`."""

import sys

from pipeline import environment, stopping
from pipeline.errors import StudioError

environment.name_page_folder()

from pipeline import ui  # noqa: E402 - Gradio reads the environment when it is imported

demo = ui.build()


def main() -> None:
    """Serve until Ctrl-C or a signal; running jobs are cancelled and nothing unfinished stays behind."""
    with stopping.signals_raise():
        try:
            ui.serve(demo)
        except StudioError as error:
            sys.stderr.write(f"{error}\n")
            stopping.leave(error.exit_code)
        except KeyboardInterrupt:
            pass  # before the page was up: afterwards Gradio takes it as the wish to end
    stopping.leave(0)


if __name__ == "__main__":
    main()
