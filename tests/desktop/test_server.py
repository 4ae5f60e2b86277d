"""The server in its thread, with small applications of the test's own."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from labbox_local.desktop import HOST, Server, at_path, with_token
from labbox_local.errors import Unavailable

QUICK_S = 5.0


class Hello:
    """Answers every request; with `broken`, it does not start."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken
        self.stopped = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            if self.broken:
                await send({"type": "lifespan.startup.failed", "message": "no"})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.stopped = True
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"hello"})


class Endless(Hello):
    """Sends until it is told to end, as an event stream does."""

    def __init__(self) -> None:
        super().__init__()
        self.over = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not self.over:
            await send({"type": "http.response.body", "body": b".", "more_body": True})
            await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b""})

    def end(self) -> None:
        self.over = True


@pytest.fixture
def hello() -> Iterator[tuple[Server, Hello]]:
    app = Hello()
    server = Server(app)
    server.start()
    yield server, app
    server.stop()


def get(port: int) -> bytes:
    connection = http.client.HTTPConnection(HOST, port, timeout=QUICK_S)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


def test_it_answers_as_soon_as_start_returns(hello: tuple[Server, Hello]) -> None:
    assert get(hello[0].port) == b"hello"


def test_it_listens_on_this_machine_alone(hello: tuple[Server, Hello]) -> None:
    assert hello[0].address == f"http://127.0.0.1:{hello[0].port}"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", hello[0].port), timeout=QUICK_S)


def test_stopping_ends_the_app_in_order_and_frees_the_port(hello: tuple[Server, Hello]) -> None:
    server, app = hello
    server.stop()
    assert app.stopped
    with pytest.raises(OSError, match="refused"):
        get(server.port)
    Server(Hello(), server.port).stop()


def test_stopping_twice_does_no_harm(hello: tuple[Server, Hello]) -> None:
    hello[0].stop()
    hello[0].stop()
    assert hello[1].stopped


def test_a_port_that_is_taken_is_a_sentence_with_what_would_do(hello: tuple[Server, Hello]) -> None:
    with pytest.raises(Unavailable, match=f"Port {hello[0].port} of this machine cannot be used") as caught:
        Server(Hello(), hello[0].port)
    assert "--port" in caught.value.hint


def test_an_app_that_does_not_start_is_a_sentence() -> None:
    with pytest.raises(Unavailable, match="did not start"):
        Server(Hello(broken=True)).start()


def test_open_streams_are_ended_before_the_server_is() -> None:
    app = Endless()
    server = Server(app, end_streams=app.end)
    server.start()
    connection = http.client.HTTPConnection(HOST, server.port, timeout=QUICK_S)
    connection.request("GET", "/")
    stream = connection.getresponse()
    assert stream.read(3) == b"..."
    began = time.monotonic()
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    stream.read()
    stopping.join(QUICK_S)
    connection.close()
    assert not stopping.is_alive()
    assert time.monotonic() - began < QUICK_S


@pytest.mark.parametrize(
    ("path", "url"),
    [("/", "http://x:1/?token=a%2Fb"), ("/jobs?state=active", "http://x:1/jobs?state=active&token=a%2Fb")],
)
def test_the_first_address_carries_the_key(path: str, url: str) -> None:
    assert with_token("http://x:1", "a/b", path) == url


def test_another_page_of_the_same_server_keeps_the_key() -> None:
    assert at_path("http://127.0.0.1:5/?token=abc", "/sortings/3") == "http://127.0.0.1:5/sortings/3?token=abc"
