"""Who may use the live page: nobody but this machine, or whoever has the token."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(24)


def own_address() -> str:
    """Where other machines of the network find this one; empty where it has no network.

    A datagram's socket that is connected tells it, and sends nothing.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for examples (RFC 5737)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


class Rate:
    """How many messages a page may send: so many a second, and as many more at once after silence."""

    def __init__(self, a_second: float, at_once: float) -> None:
        self._rate, self._most, self._left = a_second, at_once, at_once
        self._last: float | None = None

    def allows(self, now: float) -> bool:
        """Whether one more may come, ``now`` s of a monotonic clock."""
        since = 0.0 if self._last is None else now - self._last
        self._last, self._left = now, min(self._most, self._left + self._rate * since)
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Access:
    """Decides on requests.

    Args:
        host: what the server listens on. token: what a request must show; None: none is asked for.
    """

    def __init__(self, host: str, token: str | None) -> None:
        self._names = {*_LOCAL_NAMES, host} if is_loopback(host) else None
        self._token = token

    def refusal(self, headers: Mapping[str, str], shown: str, *, open_to_all: bool = False) -> str | None:
        """Why a request is refused, None if it is not.

        On loopback the Host must be this machine's own, as a page elsewhere may make its name resolve to it (DNS
        rebinding); an Origin must be the page's own, as browsers let any page open a WebSocket anywhere.

        Args:
            headers: of the request. shown: the token that it shows. open_to_all: files that anybody may have.
        """
        host = headers.get("Host", "")
        if self._names is not None and _split(f"//{host}")[0] not in self._names:
            return "this host name is not served here"
        origin = headers.get("Origin")
        if origin is not None and _split(origin)[1] != host.lower():
            return "another site must not use this page"
        token = None if open_to_all else self._token
        if token is not None and not hmac.compare_digest(shown.encode(), token.encode()):
            return "the token is missing or wrong: use the address that `simon live` printed"
        return None


def _split(address: str) -> tuple[str | None, str | None]:
    """Its host's name, and that with the port; None where it is no address."""
    try:
        parts = urlsplit(address)
        return parts.hostname, parts.netloc.lower()
    except ValueError:
        return None, None
