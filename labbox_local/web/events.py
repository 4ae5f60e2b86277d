"""Tells open windows that something changed; what changed, they fetch themselves.

Publishers live in any thread, the streams in the server's event loop: the only crossing is `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from threading import Lock
from typing import Any

from litestar import get
from litestar.datastructures import State
from litestar.response import ServerSentEvent, ServerSentEventMessage

HEARTBEAT_S = 15.0
RETRY_MS = 1000


class Client:
    """One open stream. Events that wait are kept once per subject, so a slow window costs no memory."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.wake = asyncio.Event()
        self.waiting: dict[str, str] = {}

    def put(self, message: str, subject: str) -> None:
        """Keep the newest message on a subject and wake the stream; to be called in the loop."""
        self.waiting.pop(subject, None)
        self.waiting[subject] = message
        self.wake.set()

    def take(self) -> list[str]:
        """All messages that wait, oldest first."""
        messages, self.waiting = list(self.waiting.values()), {}
        self.wake.clear()
        return messages


class Broadcaster:
    """Carries events from any thread to all open windows until it is stopped; after that every stream ends."""

    def __init__(self, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.heartbeat_s = heartbeat_s
        self.stopped = False
        self._clients: set[Client] = set()
        self._lock = Lock()

    def publish(self, event: str, data: Mapping[str, Any]) -> None:
        """Send `event` to every window; safe from any thread, and nothing happens when none is open."""
        message = json.dumps({"event": event, "data": data})
        subject = f"{event} {data.get('id', data.get('job', ''))}"
        self._each(lambda client: client.put(message, subject))

    def stop(self) -> None:
        """End all streams, now and in future; call it before the server is told to exit."""
        self.stopped = True
        self._each(lambda client: client.wake.set())

    @property
    def client_count(self) -> int:
        """How many streams are open."""
        return len(self._clients)

    async def stream(self) -> AsyncGenerator[ServerSentEventMessage, None]:
        """The events of one window, with a heartbeat that finds windows which are gone."""
        client = Client(asyncio.get_running_loop())
        with self._lock:
            self._clients.add(client)
        try:
            yield ServerSentEventMessage(data=json.dumps({"event": "hello", "data": {}}), retry=RETRY_MS)
            while not self.stopped:
                for message in client.take():
                    yield ServerSentEventMessage(data=message)
                if not self.stopped and not await _woken(client.wake, self.heartbeat_s):
                    yield ServerSentEventMessage(data=None, comment="still here")
        finally:
            # no await here: it would be cancelled together with the stream
            with self._lock:
                self._clients.discard(client)

    def _each(self, act: Callable[[Client], None]) -> None:
        with self._lock:
            for client in self._clients:
                if not client.loop.is_closed():
                    client.loop.call_soon_threadsafe(act, client)


async def _woken(wake: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(wake.wait(), seconds)
    except TimeoutError:
        return False
    return True


@get("/events")
async def events(state: State) -> ServerSentEvent:
    """The one stream of a window."""
    return ServerSentEvent(state.broadcaster.stream())
