"""Telling a caller's own server that a job has ended.

The POST is signed as the specification "Standard Webhooks" has it, so that its libraries can check it:
`webhook-signature` is the HMAC-SHA256 of `webhook-id`, `webhook-timestamp` and the body, joined by dots.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import time

import httpx

from pipeline.errors import StudioError
from pipeline.service import fetching, views
from pipeline.service.settings import Settings
from pipeline.service.store import JobStore, Record

log = logging.getLogger(__name__)

_PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0, 4 * 3600.0)
"""Seconds until it is tried again, after the first time, the second and so on; then it is given up."""
_DEADLINE = 15.0
"""Seconds that the other server may take."""
_PREFIX = "whsec_"
"""Of a secret that is written in base64."""


def tell(store: JobStore, record: Record, settings: Settings) -> None:
    """Tell a job's webhook how it ended, or note when to try again."""
    body = _body(store, record, settings)
    if _delivered(record, body, settings):
        store.change(record.id, hook_due=None, hook_tries=record.hook_tries + 1)
        return
    again = record.hook_tries < len(_PAUSES)
    due = time.time() + _PAUSES[record.hook_tries] if again else None
    store.change(record.id, hook_due=due, hook_tries=record.hook_tries + 1)


def signature(secret: str, name: str, moment: int, body: bytes) -> str:
    """The value of `webhook-signature`.

    Args:
        secret: as the operator set it; base64 behind `whsec_`, else its own characters.
        name: of the message.
        moment: seconds since the epoch.
    """
    key = secret.encode()
    if secret.startswith(_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            log.warning("STUDIO_WEBHOOK_SECRET is no base64 behind %s; its characters are used.", _PREFIX)
    signed = hmac.new(key, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _delivered(record: Record, body: bytes, settings: Settings) -> bool:
    """Whether nothing more has to be sent."""
    name, moment = f"{record.id}.{record.state}", int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(moment),
        "webhook-signature": signature(settings.webhook_secret, name, moment, body),
    }
    try:
        with fetching.client(settings.fetch_from, _DEADLINE) as web:
            request = web.build_request("POST", record.hook["url"], content=body, headers=headers)
            answer = web.send(request, stream=True, follow_redirects=False)  # its body may never end
            answer.close()
    except (httpx.HTTPError, httpx.InvalidURL, fetching.LateError, StudioError) as error:
        log.info("webhook of job %s: %s", record.id, type(error).__name__)
        return False
    return answer.is_success or answer.status_code == httpx.codes.GONE


def _body(store: JobStore, record: Record, settings: Settings) -> bytes:
    seen = views.job(store, record, record.hook.get("base", ""), sharing=settings.sharing)
    message = {
        "type": f"video.{record.state}",
        "timestamp": (seen.ended or seen.created).isoformat(),
        "data": seen.model_dump(mode="json"),
    }
    return json.dumps(message, ensure_ascii=False).encode()
