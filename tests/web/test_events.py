"""Events from any thread to open windows, and the end of the streams with the server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from labbox_local.lab import Lab
from labbox_local.web.app import create_app
from labbox_local.web.events import Broadcaster
from labbox_local.web.guard import cookie_name

LONG_S = 20.0


async def messages(broadcaster: Broadcaster, count: int) -> list[dict[str, object]]:
    """The first messages of a new stream."""
    found: list[dict[str, object]] = []
    stream = broadcaster.stream()
    async for message in stream:
        if message.data is not None:
            found.append(json.loads(str(message.data)))
        if len(found) == count:
            break
    await stream.aclose()
    return found


async def opened(broadcaster: Broadcaster, count: int) -> None:
    """Return when so many streams are open."""
    async with asyncio.timeout(LONG_S):
        while broadcaster.client_count < count:
            await asyncio.sleep(0)


def test_an_event_from_another_thread_reaches_every_window() -> None:
    async def scene() -> list[list[dict[str, object]]]:
        broadcaster = Broadcaster()
        windows = [asyncio.create_task(messages(broadcaster, 2)) for _ in range(3)]
        await opened(broadcaster, 3)
        threading.Thread(target=broadcaster.publish, args=("job", {"id": 7})).start()
        async with asyncio.timeout(LONG_S):
            return await asyncio.gather(*windows)

    hello, job = {"event": "hello", "data": {}}, {"event": "job", "data": {"id": 7}}
    assert asyncio.run(scene()) == [[hello, job]] * 3


def test_events_that_wait_are_kept_once_per_subject() -> None:
    async def scene() -> list[dict[str, object]]:
        broadcaster = Broadcaster()
        stream = broadcaster.stream()
        await anext(stream)
        for number in range(10_000):
            broadcaster.publish("job", {"id": number % 2, "n": number})
        await asyncio.sleep(0)  # the loop takes what the threads left
        found = [json.loads(str((await anext(stream)).data)) for _ in range(2)]
        await stream.aclose()
        return found

    assert [message["data"] for message in asyncio.run(scene())] == [{"id": 0, "n": 9998}, {"id": 1, "n": 9999}]


def test_a_quiet_stream_beats() -> None:
    async def scene() -> str | None:
        stream = Broadcaster(heartbeat_s=0.01).stream()
        await anext(stream)
        beat = await anext(stream)
        await stream.aclose()
        assert beat.data is None
        return beat.comment

    assert asyncio.run(scene()) == "still here"


def test_stopping_ends_streams_now_and_in_future() -> None:
    async def scene() -> list[int]:
        broadcaster = Broadcaster()
        window = asyncio.create_task(messages(broadcaster, 99))
        await opened(broadcaster, 1)
        threading.Thread(target=broadcaster.stop).start()
        async with asyncio.timeout(LONG_S):
            return [len(await window), len(await messages(broadcaster, 99)), broadcaster.client_count]

    assert asyncio.run(scene()) == [1, 1, 0]


def test_a_window_that_is_gone_is_forgotten_and_publishing_goes_on() -> None:
    broadcaster = Broadcaster()
    asyncio.run(messages(broadcaster, 1))
    assert broadcaster.client_count == 0
    broadcaster.publish("job", {"id": 1})


@contextmanager
def serving(lab: Lab) -> Iterator[tuple[uvicorn.Server, threading.Thread, Broadcaster, str]]:
    """A real server in a thread."""
    app = create_app(lab)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield server, thread, app.state.broadcaster, f"http://127.0.0.1:{port}"
    finally:
        app.state.broadcaster.stop()
        server.should_exit = True
        thread.join(LONG_S)


def test_the_program_tells_a_real_browser_connection_and_its_server_ends_with_it_open(lab: Lab) -> None:
    with serving(lab) as (server, thread, broadcaster, address):
        port = int(address.rsplit(":", 1)[1])
        cookies = {cookie_name(port): lab.token}
        with (
            httpx.Client(timeout=LONG_S, cookies=cookies) as client,
            client.stream("GET", f"{address}/events") as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            assert json.loads(next(line for line in lines if line.startswith("data: "))[6:])["event"] == "hello"
            lab.publish("job", {"id": 7})
            assert json.loads(next(line for line in lines if line.startswith("data: "))[6:]) == {
                "event": "job",
                "data": {"id": 7},
            }
            broadcaster.stop()
            server.should_exit = True
            assert not [line for line in lines if line.startswith("data: ")]
        thread.join(LONG_S)
        assert not thread.is_alive()


def test_the_stream_is_for_those_who_were_let_in(lab: Lab) -> None:
    with serving(lab) as (_, _, _, address):
        assert httpx.get(f"{address}/events", timeout=LONG_S).status_code == 401
