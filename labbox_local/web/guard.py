"""Who may talk to the server: one ASGI layer around the whole app, so that no route can forget it.

It knows the token of this run and nothing of the program. Requests of other machines, other sites and other local
servers are refused before a route is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from secrets import compare_digest
from urllib.parse import parse_qsl, quote, urlencode

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Plotly compiles accessors with Function(); it writes style attributes as well. Inline scripts stay forbidden.
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: that would make the Origin of our own forms "null"
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
REFUSAL = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Labbox Local</title></head>'
    "<body><h1>{title}</h1><p>{sentence}</p></body></html>"
)
UNKNOWN_VISITOR = (
    "This page is only for the window that the program opened. "
    "Open the address that it printed when it started; it carries the key of this run."
)
FOREIGN_HOST = "The address in this request is not the one that this program serves."
FOREIGN_ORIGIN = "This request came from another site or program, so it was not carried out."


class Guard:
    """Lets through only requests to our own address, from our own pages, with the cookie of this run."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, set the cookie, or pass on with the security headers added to the answer."""
        if scope["type"] == ScopeType.WEBSOCKET:
            await send({"type": "websocket.close", "code": 1008, "reason": "There are no sockets here."})
            return
        await self._judge(scope, receive, _with_security_headers(send))

    async def _judge(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        host, port = headers.get("host", ""), _port(scope)
        if host not in own_hosts(port):
            await _refuse(send, 403, "Not this address", FOREIGN_HOST)
        elif not is_own_request(scope["method"], headers):
            await _refuse(send, 403, "Refused", FOREIGN_ORIGIN)
        elif self._knows(cookie_of(headers.get("cookie", ""), cookie_name(port))):
            await self._pass_on(scope, receive, send)
        elif scope["method"] == "GET" and self._knows(dict(_query(scope)).get("token", "")):
            await _redirect(send, clean_url(scope), _set_cookie(cookie_name(port), self.token))
        else:
            await _refuse(send, 401, "Not signed in", UNKNOWN_VISITOR)

    async def _pass_on(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET" and any(name == "token" for name, _ in _query(scope)):
            await _redirect(send, clean_url(scope))  # opened twice: the address bar should not keep the token
            return
        await self.app(scope, receive, send)

    def _knows(self, offered: str) -> bool:
        return compare_digest(offered.encode(), self.token.encode())


def cookie_name(port: int) -> str:
    """The name of the cookie: several instances on one machine share its cookies, since those ignore the port."""
    return f"labbox-local-{port}"


def cookie_of(header: str, name: str) -> str:
    """The value of the cookie `name` in a Cookie header, or the empty string."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def own_hosts(port: int) -> set[str]:
    """The Host headers of requests that were meant for a server at `port` of this machine."""
    names = ("127.0.0.1", "localhost")
    return {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())


def is_own_request(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from our own pages or from the address bar, by what the browser says of it.

    Ports do not matter to SameSite cookies, so another server on this machine is same-site: it is foreign here.
    A link to a page from elsewhere may be followed; anything else that names another origin is refused.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin != f"http://{headers.get('host', '')}":
        return False
    if method not in SAFE_METHODS:
        return site == "same-origin" if site is not None else origin is not None
    return site in (None, "same-origin", "none") or headers.get("sec-fetch-mode") == "navigate"


def clean_url(scope: HTTPScope) -> str:
    """The path and query of a request without its token; never another host, whatever the path begins with."""
    path = "/" + quote(scope["path"].lstrip("/\\"), safe="/~!$&'()*+,;=:@")
    rest = urlencode([(name, value) for name, value in _query(scope) if name != "token"])
    return f"{path}?{rest}" if rest else path


def _query(scope: HTTPScope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _port(scope: HTTPScope) -> int:
    server = scope.get("server")
    return int(server[1] or 0) if server else 0


def _headers(scope: HTTPScope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _set_cookie(name: str, token: str) -> tuple[bytes, bytes]:
    return b"set-cookie", f"{name}={token}; Path=/; HttpOnly; SameSite=Strict".encode()


def _with_security_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_with_headers


async def _refuse(send: Send, status: int, title: str, sentence: str) -> None:
    body = REFUSAL.format(title=title, sentence=sentence).encode()
    await _answer(send, status, body, (b"content-type", b"text/html; charset=utf-8"))


async def _redirect(send: Send, url: str, *headers: tuple[bytes, bytes]) -> None:
    await _answer(send, 303, b"", (b"location", url.encode("latin-1")), *headers)


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
