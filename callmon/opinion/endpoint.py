"""A language model behind an OpenAI-compatible address that the user names.

llama.cpp, Ollama, vLLM, LM Studio and others answer `POST …/chat/completions`. Nothing is
asked anywhere by default, and nothing but what the settings name is ever asked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from callmon.opinion.asker import NoAnswer

if TYPE_CHECKING:
    import httpx2

SECONDS: Final = 60.0
"""For one question with all that it takes; a small model on a processor needs half."""
LARGEST_ANSWER: Final = 64 * 1024
"""Bytes; the answer that is asked for has a few hundred."""
MOST_TOKENS: Final = 400
"""Of the answer, with room for a model that is long-winded."""
PAUSES: Final = (1.0, 3.0)
"""Seconds before the second and the third try."""
LONGEST_PAUSE: Final = 10.0
"""Seconds that a server may ask for between two tries (Retry-After)."""
BUSY: Final = frozenset({429, 500, 502, 503, 504})

ANSWER_FORM: Final[Mapping[str, Any]] = {
    "type": "json_schema",
    "json_schema": {
        "name": "opinion",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "opinion": {"type": "string", "enum": ["agree", "disagree", "unsure"]},
                "reason": {"type": "string"},
            },
            "required": ["opinion", "reason"],
            "additionalProperties": False,
        },
    },
}
"""For servers that can hold a model to a form; it is checked here all the same."""


class Endpoint:
    """An Asker at an address such as `http://localhost:11434/v1`.

    Without encryption it is asked only in private networks, unless `plain_http` is true:
    the name is resolved, and that very address is asked. Redirects are not followed and
    proxies of the environment are not used. `key` goes into the Authorization header and
    nowhere else.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        key: str | None = None,
        plain_http: bool = False,
        seconds: float = SECONDS,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = model
        self._url = url.rstrip("/") + "/chat/completions"
        self._key = key
        self._plain_http = plain_http
        self._seconds = seconds
        self._pause = pause

    def ask(self, system: str, user: str) -> str:
        """The text of the model's answer; raises NoAnswer."""
        import httpx2

        body = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": user},
            ],
            "temperature": 0,
            "seed": 0,
            "max_tokens": MOST_TOKENS,
            "response_format": ANSWER_FORM,
            "stream": False,
        }
        try:
            # One limit for all of it: a server that sends a byte now and then never
            # reaches a limit on a single read.
            answer = asyncio.run(asyncio.wait_for(self._ask(body), self._seconds))
        except TimeoutError:
            raise NoAnswer(f"{self._who} gave no answer in {self._seconds:g} s.") from None
        # A host name with an overlong part raises UnicodeError in the resolver.
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
            raise NoAnswer(
                f"{self._who} cannot be reached ({type(error).__name__})."
            ) from None
        return self._text(answer)

    @property
    def _who(self) -> str:
        return f"The language model for second opinions, {self.name!r},"

    async def _ask(self, body: Mapping[str, Any]) -> bytes:
        import httpx2

        url = httpx2.URL(self._url)
        headers = {"Accept-Encoding": "identity", "Host": url.netloc.decode("ascii")}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        if url.scheme == "http" and not self._plain_http:
            url = url.copy_with(host=await self._private_address(url.host, url.port or 80))
        async with httpx2.AsyncClient(
            verify=ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=self._seconds,
        ) as client:
            for pause in (*PAUSES, None):
                async with client.stream(
                    "POST", url, headers=headers, json=body
                ) as response:
                    if response.status_code not in BUSY or pause is None:
                        return await self._read(response)
                    wait = _retry_after(response, otherwise=pause)
                await self._pause(wait)
        raise AssertionError("the last try returns or raises")

    async def _read(self, response: httpx2.Response) -> bytes:
        status = response.status_code
        if response.has_redirect_location:
            raise NoAnswer(
                f"{self._who} redirects to another address (status {status}), which is not"
                " followed: name the address itself in CALLMON_OPINION_URL."
            )
        if status != 200:
            raise NoAnswer(f"{self._who} refused with status {status}.")
        whole = b""
        async for part in response.aiter_raw():
            whole += part
            if len(whole) > LARGEST_ANSWER:
                raise NoAnswer(f"{self._who} sent more than {LARGEST_ANSWER // 1024} KB.")
        return whole

    async def _private_address(self, host: str, port: int) -> str:
        """The first address of a host whose addresses are all private."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(map(is_private, addresses)):
            raise NoAnswer(
                f"{self._who} is at a public address without encryption and was not asked:"
                " name an https address, or set CALLMON_OPINION_PLAIN_HTTP to true."
            )
        return addresses[0]

    def _text(self, answer: bytes) -> str:
        """The model's text in a chat completion."""
        try:
            text = json.loads(answer)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError):
            text = None
        if not isinstance(text, str):
            raise NoAnswer(
                f"{self._who} sent something that is no chat completion: name the address"
                " up to /v1 in CALLMON_OPINION_URL."
            )
        return text


def is_private(address: str) -> bool:
    """Whether an IP address is of this machine or of a private network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return not ip.is_global and not ip.is_multicast


def _retry_after(response: httpx2.Response, *, otherwise: float) -> float:
    """Seconds that the server asks for, as a number and in bounds."""
    asked = response.headers.get("Retry-After", "")
    return (
        min(float(asked), LONGEST_PAUSE)
        if asked.isascii() and asked.isdigit()
        else otherwise
    )
