"""The request: sent with the openai package, within a time and a size, again where that may help."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from typing import Any

from simonsays.envs.language.translate.access import Access, TranslatorError, mend, no_address, one_line

MAX_REPLY_BYTES = 100_000


class Endpoint:
    """One endpoint for the time of one translation.

    Raises:
        TranslatorError: ``missing_package``, or ``connection`` for an address that the client does not take.
    """

    def __init__(self, access: Access, timeout: float) -> None:
        self.access, self.settings, self.timeout = access, access.settings, timeout
        try:
            self.openai = importlib.import_module("openai")
        except ImportError:
            message = "translators need the openai package: pip install 'simonsays[llm]'"
            raise TranslatorError("missing_package", message) from None
        # Given as empty, not absent: the client would take OpenAI's own from the environment and tell them to others.
        account = None if self.settings.name == "openai" else ""
        try:
            self.client = self.openai.OpenAI(
                api_key=access.key or "none",
                base_url=self.settings.base_url,
                organization=account,
                project=account,
                max_retries=0,
                # What was said goes where it was sent, and an answer comes from there.
                http_client=self.openai.DefaultHttpxClient(follow_redirects=False),
            )
        except Exception:  # of kinds that depend on the client's HTTP library
            raise no_address(self.settings) from None
        self.completions = self.client.chat.completions.with_streaming_response
        # From here, for the first import of the package takes a while.
        self.deadline = time.monotonic() + timeout

    def ask(self, messages: list[dict[str, str]], retries: int, pause: float) -> bytes:
        """Send the request, again after ``pause`` seconds where that may help, and return the body of the reply.

        Raises:
            TranslatorError: ``timeout``, ``connection``, ``http_error`` or ``too_large``.
        """
        optional = {"temperature": 0, "response_format": {"type": "json_object"}, **self.settings.extra}
        while True:
            try:
                return self._post(messages, optional)
            except TranslatorError:
                raise
            except self.openai.APIStatusError as error:
                refused = _refused_fields(error, optional)
                if refused:
                    optional = {name: value for name, value in optional.items() if name not in refused}
                    continue
                if retries < 1 or not (error.status_code in (408, 409, 429) or error.status_code >= 500):
                    raise self._failed(error) from None
            except Exception as error:
                # While a body is read, these are of the HTTP library, which depends on the client's version.
                if {"TimeoutException", "APITimeoutError"} & {kind.__name__ for kind in type(error).__mro__}:
                    raise self.late() from None
                if retries < 1:
                    raise self._unreachable(error.__cause__ or error) from None
            retries -= 1
            time.sleep(max(0.0, min(pause, self._left())))

    def _post(self, messages: list[dict[str, str]], optional: Mapping[str, Any]) -> bytes:
        if self._left() <= 0:
            raise self.late()
        # Streamed, so that the size is bounded; the fields go as they are, whatever the client's version knows.
        with self.completions.create(
            model=self.settings.model, messages=messages, extra_body=optional, timeout=self._left()
        ) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if self._left() <= 0:
                    raise self.late()
                if len(body) > MAX_REPLY_BYTES:
                    break
        if len(body) > MAX_REPLY_BYTES:
            message = f"{self.access.host} answered with more than {MAX_REPLY_BYTES} bytes; is the base URL right?"
            raise TranslatorError("too_large", message)
        return bytes(body)

    def _left(self) -> float:
        return self.deadline - time.monotonic()

    def late(self) -> TranslatorError:
        """The error for an endpoint that takes too long."""
        return TranslatorError(
            "timeout", f"{self.access.host} did not answer within {self.timeout:g} s; allow more time or try again"
        )

    def _unreachable(self, cause: BaseException) -> TranslatorError:
        return TranslatorError(
            "connection",
            f"no connection to {one_line(self.access.host)} ({type(cause).__name__}); check the network and that the"
            f" server runs, or {mend(self.settings, 'BASE_URL')}",
        )

    def _failed(self, error: Any) -> TranslatorError:
        status = int(error.status_code)
        if status in (401, 403):
            # The server's own words are left out: some repeat a part of the key.
            todo = f"the key was not accepted; check {self.settings.key_variable}"
        elif 300 <= status < 400:
            todo = f"it sends on to another address, which is not followed; {mend(self.settings, 'BASE_URL')}"
        elif status == 404:
            todo = f"no such address or model ({one_line(self.settings.model)}); {mend(self.settings, 'MODEL')}"
        elif status in (402, 429):
            todo = "too many requests, or no credit left; wait, or check the account"
        elif status >= 500:
            todo = "the server failed; try again later"
        else:
            todo = f"the request was refused: {self.access.quote(_server_words(error))}"
        return TranslatorError("http_error", f"{self.access.host} answered {status}: {todo}")


def _refused_fields(error: Any, optional: Mapping[str, Any]) -> set[str]:
    if error.status_code not in (400, 422):
        return set()
    words = error.response.text
    return {name for name in optional if name in words} or {"response_format"} & set(optional)


def _server_words(error: Any) -> str:
    body = error.body
    words = body.get("message") if isinstance(body, dict) else body
    return words if isinstance(words, str) and words.strip() else "it gave no reason"
