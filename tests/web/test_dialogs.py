"""The window's file dialogs, and pages where there is no window."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab


class Answering:
    """A window whose person always chooses the same."""

    def open_file(self) -> str | None:
        """A file."""
        return "/data/a file.raw"

    def open_folder(self) -> str | None:
        """A folder."""
        return "/data"

    def save_file(self) -> str | None:
        """Closed without a choice."""
        return None


@pytest.mark.parametrize(("kind", "path"), [("file", "/data/a file.raw"), ("folder", "/data"), ("save", None)])
def test_a_dialog_answers_with_what_was_chosen(
    client: TestClient[Litestar], lab: Lab, kind: str, path: str | None
) -> None:
    lab.dialogs = Answering()
    answer = client.post("/dialogs/open", data={"kind": kind})
    assert (answer.status_code, answer.json()) == (200, {"path": path})


def test_an_unknown_kind_is_refused(client: TestClient[Litestar], lab: Lab) -> None:
    lab.dialogs = Answering()
    assert client.post("/dialogs/open", data={"kind": "print"}).status_code == 422


def test_without_a_window_the_path_is_typed(client: TestClient[Litestar], lab: Lab) -> None:
    answer = client.post("/dialogs/open", data={"kind": "file"}, headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json()["hint"] == "Type or paste the path instead."
    assert 'data-window="false"' in client.get("/import").text
    lab.dialogs = Answering()
    assert 'data-window="true"' in client.get("/import").text
