"""The main job of the program as a person does it: import by form, look, sort, judge the units, delete."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened, Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SORTING_MS = 300_000


@pytest.fixture(scope="module")
def served(serve: Callable[[Path], Served], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The program on a new workspace."""
    return serve(tmp_path_factory.mktemp("path") / "workspace")


def test_an_empty_library_says_what_to_do_first(served: Served, open_page: Opened) -> None:
    page = open_page(served)
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    expect(page.get_by_role("link", name="Import a recording").first).to_be_visible()
    expect(page.get_by_role("link", name="Make an example").first).to_be_visible()


def test_a_wrong_path_is_answered_at_its_field_and_kept(served: Served, open_page: Opened) -> None:
    page = open_page(served, "/import", forgive="422")
    page.get_by_label("File or folder").fill("/nowhere/at all.raw")
    page.get_by_role("button", name="Look", exact=True).click()
    expect(page.locator("p.error")).to_contain_text("/nowhere/at all.raw")
    expect(page.get_by_label("File or folder")).to_have_value("/nowhere/at all.raw")


def test_from_a_flat_file_to_its_units(served: Served, open_page: Opened, data: Path, tmp_path: Path) -> None:
    raw = Path(shutil.copy(data / "raw-locust" / "locust_trial_01.raw", tmp_path / 'locust <1> "a".raw'))
    page = open_page(served, "/import", forgive="422")  # the preview, while the form is still being filled
    import_by_form(page, raw)
    sort_by_form(page, "tridesclous2")
    units = page.locator("#view-units_table .tabulator-row")
    expect(units.first).to_be_visible(timeout=SORTING_MS)
    assert units.count() >= 2
    for view in ("autocorrelograms", "waveforms", "amplitudes"):
        expect(page.locator(f"#view-{view} .js-plotly-plot .plotly svg.main-svg").first).to_be_visible(timeout=60_000)
    choosing_units_redraws(page)
    download = exported(page, "autocorrelograms", "csv")
    assert download.read_text().count("\n") > 50


def test_the_log_of_a_job_is_on_its_page(served: Served, open_page: Opened) -> None:
    page = open_page(served, "/jobs")
    page.get_by_role("link", name="Sort ").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sort")
    expect(page.locator("[data-log]")).to_contain_text("tridesclous2")


def test_deleting_says_what_goes_and_leaves_the_file(served: Served, open_page: Opened) -> None:
    page = open_page(served, forgive="404")  # what the page of a deleted recording may still ask for
    listed = json.loads(command(served, "ls", "recordings", "--json"))
    raw = Path(listed[0]["path"])
    page.get_by_role("link", name="locust").first.click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#confirm")).to_contain_text("1 sorting")
    page.locator("#confirm").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    assert json.loads(command(served, "ls", "recordings", "--json")) == []
    assert raw.is_file()


def import_by_form(page: Page, raw: Path) -> None:
    """Import a flat file of four channels with a tetrode, and see its page."""
    page.get_by_label("File or folder").fill(str(raw))
    page.get_by_role("button", name="Look", exact=True).click()
    page.locator("[name='option.sampling_frequency']").fill("15000")
    page.locator("[name='option.num_channels']").fill("4")
    page.get_by_role("radio", name="Generated").check()
    page.get_by_label("Layout").select_option("tetrode")
    expect(page.locator("#preview")).to_contain_text("28.770")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("locust <1>")


def sort_by_form(page: Page, sorter: str) -> None:
    """Run a sorter from the recording's page and open the sorting that it made."""
    page.get_by_role("link", name="Run a sorter").first.click()
    page.locator(f".sorter-list a[href$='sorter={sorter}']").click()
    page.locator(f"input[name=sorter][value={sorter}]").wait_for(state="attached")
    page.get_by_role("button", name="Run ").click()
    opener = page.get_by_role("link", name=sorter)
    expect(opener.first).to_be_visible(timeout=SORTING_MS)
    opener.first.click()
    expect(page.locator("[data-selection]")).to_be_visible()


def choosing_units_redraws(page: Page) -> None:
    """Choose one unit in the table: the autocorrelograms show that one alone."""
    with page.expect_response(lambda response: "autocorrelograms/data" in response.url and "unit=" in response.url):
        page.locator("#view-units_table .tabulator-row").first.click()
    expect(page.locator("#view-autocorrelograms .js-plotly-plot .barlayer .trace")).to_have_count(1)


def exported(page: Page, view: str, kind: str) -> Path:
    """The file that a view's button gives."""
    page.locator(f"#view-{view}").hover()
    with page.expect_download() as waiting:
        page.locator(f"#view-{view} [data-act={kind}]").click()
    return Path(waiting.value.path())


def command(served: Served, *words: str) -> str:
    """What the command line says of the same workspace while the program runs."""
    line = [sys.executable, "-m", "labbox_local", "--workspace", str(served.workspace), *words]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout
