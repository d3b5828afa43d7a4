"""Asking the Hub: waiting where it wants to be asked less often, and its refusals as one sentence."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import SpaceError

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

Answer = TypeVar("Answer")

_TOKENS = "https://huggingface.co/settings/tokens"
_LONGEST_WAIT = 120.0
"""Seconds that a call waits in all when the Hub says that it is asked too often."""
_DEFAULT_WAIT = 5.0
"""Seconds to wait where the Hub does not say how long."""

NO_TOKEN = (
    "There is no Hugging Face token; set HF_TOKEN to a token with write access "
    f"({_TOKENS}), or log in with `hf auth login`."
)


def ask(what: str, question: Callable[[], Answer], *, parameter: str | None = None) -> Answer:
    """The answer of the Hub to a call of `huggingface_hub`.

    Args:
        what: what is wanted, as the end of a sentence: "create ada/studio".
        question: the call; it is repeated as long as the Hub asks to wait, up to two minutes in all.
        parameter: the key of the Spacefile that it is about.

    Raises:
        SpaceError: the Hub cannot be reached or refuses.
    """
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, LocalTokenNotFoundError

    until = time.monotonic() + _LONGEST_WAIT
    while True:
        try:
            return question()
        except LocalTokenNotFoundError as error:
            raise SpaceError(NO_TOKEN) from error
        except HfHubHTTPError as error:
            pause = _pause(error)
            if pause is None or time.monotonic() + pause > until:
                raise SpaceError(_refusal(what, error), parameter=parameter) from error
            time.sleep(pause)
        except (HTTPError, OSError) as error:
            raise SpaceError(_unreachable(what)) from error
        except ValueError as error:  # huggingface_hub checks the README's header before it uploads anything
            raise SpaceError(f"Could not {what}: {_one_line(str(error))}") from error


def _pause(error: HfHubHTTPError) -> float | None:
    """Seconds that the Hub asks to wait; None where waiting does not help.

    Source: https://huggingface.co/docs/hub/rate-limits
    """
    if error.response.status_code != 429:
        return None
    headers = error.response.headers
    told = re.search(r"\bt=(\d+)", headers.get("ratelimit", "")) or re.fullmatch(
        r"(\d+)", headers.get("retry-after", "")
    )
    return float(told[1]) if told else _DEFAULT_WAIT


def _refusal(what: str, error: HfHubHTTPError) -> str:
    """The sentence for an answer that is an error."""
    status = error.response.status_code
    said = _one_line(error.server_message or "")
    reasons = {
        401: f"the Hub does not know this token; set HF_TOKEN to one with write access ({_TOKENS}).",
        402: f"{said or 'this account has no plan or payment method for it.'}{_free(said)}",
        403: f"{said or 'this token has no right to.'}{_other_token(said)}",
        404: "there is no such Space, or this token cannot see it; check the name in the Spacefile.",
        409: f"{said or 'it exists already.'} Choose another name.",
        429: "the Hub is asked too often; try again in a few minutes.",
    }
    if status >= 500:
        return f"Could not {what}: the Hub answered with an error ({status}); try again later."
    return f"Could not {what}: {reasons.get(status) or said or f'the Hub refused ({status}).'}"


def _free(said: str) -> str:
    """What a free account can do instead: the Hub keeps cpu-basic for paying ones."""
    return ' A free account can set hardware = "zero-a10g" instead.' if "cpu-basic" in said else ""


def _other_token(said: str) -> str:
    """Another token, unless the account itself is what the Hub wants more of."""
    about_account = re.search(r"\b(payment|billing|subscription|quota|plan)\b", said, re.IGNORECASE)
    return "" if about_account else f" Use a token with write access ({_TOKENS})."


def _unreachable(what: str) -> str:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return f"Could not {what}: HF_HUB_OFFLINE is set; unset it and try again."
    return f"Could not {what}: the Hub cannot be reached; check the internet connection and try again."


def _one_line(message: str) -> str:
    """A message of the Hub as one sentence, with a full stop."""
    text = " ".join(message.split())
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
