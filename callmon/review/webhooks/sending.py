"""Sends one event to one target: one request, to one address, within one limit of time."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from callmon.call import Value
from callmon.review.webhooks.addresses import Refused, check_url, choose
from callmon.review.webhooks.signing import signed
from callmon.store.webhooks.targets import Taken

if TYPE_CHECKING:
    import httpx2

SECONDS: Final = 15.0
"""For all of it, the name and the answer included."""
LARGEST_ANSWER: Final = 64 * 1024
"""Bytes that are read of an answer; nothing of it is kept."""


class Sent(Value):
    """How it went."""

    status: int | None
    """That the target answered with; null where there was no answer."""
    error: str | None
    """For people; null where it arrived. Never what the target said: that would tell
    callers what stands inside a network."""
    seconds: float


def send(taken: Taken, *, private: bool, at: datetime, seconds: float = SECONDS) -> Sent:
    """Arrived is what is answered with a status of 200 to 299."""
    import httpx2

    begun = time.monotonic()
    status: int | None = None
    try:
        status = asyncio.run(asyncio.wait_for(_post(taken, private, at), seconds))
        error = _meaning(status)
    except Refused as refused:
        error = str(refused)
    except TimeoutError:
        error = f"The target did not answer within {seconds:g} s."
    except ssl.SSLError:
        error = "The target has no certificate that holds for its name."
    except socket.gaierror:
        error = "The name of the target is not known."
    # A host name with an overlong part raises UnicodeError in the resolver.
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as fault:
        within = isinstance(fault.__cause__ or fault.__context__, ssl.SSLError)
        error = (
            "The target has no certificate that holds for its name."
            if within or "CERTIFICATE" in str(fault).upper()
            else f"The target cannot be reached ({type(fault).__name__})."
        )
    return Sent(status=status, error=error, seconds=round(time.monotonic() - begun, 3))


def body_of(taken: Taken) -> bytes:
    """What is sent: ids and kinds, and never words of a call."""
    delivery = taken.delivery
    document = {
        "id": delivery.event_id,
        "type": delivery.event,
        "timestamp": delivery.made_at.isoformat().replace("+00:00", "Z"),
        "data": {"recording_id": delivery.recording_id, **delivery.data},
    }
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode()


async def _post(taken: Taken, private: bool, at: datetime) -> int:
    import httpx2

    check_url(taken.url, private=private)
    url = httpx2.URL(taken.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    # Square brackets of IPv6 are not part of the host here.
    address = choose(await _resolve(url.host, port), private=private)
    body = body_of(taken)
    headers: Mapping[str, str] = {
        "Host": url.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "callmon",
        **signed(
            body,
            secret=taken.secret,
            event_id=taken.delivery.event_id,
            seconds=int(at.timestamp()),
        ),
    }
    async with (
        httpx2.AsyncClient(
            verify=ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=SECONDS,
        ) as client,
        client.stream(
            "POST",
            url.copy_with(host=address),
            headers=headers,
            content=body,
            # The certificate has to hold for the name, not for the address.
            extensions={"sni_hostname": url.host},
        ) as response,
    ):
        await _read_to_the_end(response)
        return int(response.status_code)


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found: list[Any] = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def _read_to_the_end(response: httpx2.Response) -> None:
    """Or as far as is sensible; who is cut off while answering may take it for an error."""
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > LARGEST_ANSWER:
            return


def _meaning(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return (
            f"The target redirects to another address (status {status}), which is not"
            " followed: give that address itself."
        )
    return f"The target answered with status {status}."
