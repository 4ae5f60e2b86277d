"""Every key and gesture of the trace viewer leads to the state that it promises, and that state is on screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from labbox_local.ephys.frames import planes_of
from tests.browser.conftest import Opened, Served
from tests.browser.tracer import EXAMPLE, GOING, PARTS, RATE_HZ, SORTING, WIDE, fill, place, put, quiet, state, viewer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LENGTH = 10 * RATE_HZ
# A spike on screen with none near it.
ALONE = """(() => {
  const all = viewer.spikes.visible().map((each) => ({...each, tick: viewer.model.timeline.toTick(each.sample)}));
  const far = (one, other) => !other || Math.abs(one.sample - other.sample) > 400;
  return all.find((each, at) => each.sample > 62000 && far(each, all[at - 1]) && far(each, all[at + 1]));
})()"""
CHOOSE = """async () => {
  const {selectionOf} = await import("/static/js/selection.js");
  const root = document.querySelector("[data-tracer]");
  const [first, second] = root.tracer.model.tracing.channels;
  const units = [String(root.tracer.sorting.unit_ids[3])];
  selectionOf(root).set({electrodes: [String(first.id), String(second.id)], cursorS: 7.5, units});
}"""
FITTED = """() => {
  const {picture, plot} = document.querySelector("[data-tracer]").tracer;
  return picture.canvas.width === 2 * plot.clientWidth && plot.clientWidth < 1024;
}"""
UNNAMED = """() => [...document.querySelectorAll(".tracer :is(button, input, select, [tabindex])")]
  .filter((each) => each.checkVisibility())
  .filter((each) => !each.getAttribute("aria-label") && !each.labels?.length && !each.textContent.trim())
  .map((each) => each.outerHTML)"""
SPAN = {"start": 60_000, "count": 30_000}


@pytest.fixture(scope="module")
def served(serve: Callable[[Path], Served], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The program on a workspace with recordings to look at."""
    return serve(fill(tmp_path_factory.mktemp("tracer")))


@pytest.fixture
def page(served: Served, open_page: Opened) -> Page:
    """The example's traces with its sorting, a second of them from 2 s on."""
    return example(served, open_page)


def example(served: Served, open_page: Opened, forgive: str = "^$") -> Page:
    opened = open_page(served, f"/sortings/{SORTING}/tracer", forgive=forgive)
    quiet(opened)
    put(opened, **SPAN)
    return opened


def press(page: Page, *keys: str) -> dict[str, Any]:
    """The state after some keys on the traces."""
    plot = page.locator("[data-part=plot]")
    plot.focus()
    for key in keys:
        plot.press(key)
    return state(page)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, end[1])
    page.mouse.move(*end)
    page.mouse.up()


# keys


def test_arrows_shift_by_a_fifth_of_the_span(page: Page) -> None:
    assert press(page, "ArrowRight")["start"] == 66_000
    assert press(page, "ArrowLeft", "ArrowLeft")["start"] == 54_000
    quiet(page)
    assert viewer(page, "[viewer.built.scene.start, viewer.holes.blank.length]") == [54_000, 0]


def test_up_and_down_change_the_amplitude_by_15_per_cent(page: Page) -> None:
    assert press(page, "ArrowUp")["gain"] == pytest.approx(1.15)
    assert press(page, "ArrowDown", "ArrowDown")["gain"] == pytest.approx(1 / 1.15)
    assert press(page, "a")["gain"] == 1


def test_plus_and_minus_zoom_about_the_cursor(page: Page) -> None:
    put(page, cursor=66_000)
    near = press(page, "+")
    assert near["count"] == round(30_000 / 1.15)
    assert (66_000 - near["start"]) / near["count"] == pytest.approx(0.2, abs=1e-3)
    wide = press(page, "-")
    assert (wide["start"], wide["count"]) == pytest.approx((60_000, 30_000), abs=2)


def test_without_a_cursor_zooming_keeps_the_middle(page: Page) -> None:
    near = press(page, "+", "+")
    assert near["start"] + near["count"] / 2 == pytest.approx(75_000, abs=2)


def test_home_and_end_lead_to_the_recordings_ends(page: Page) -> None:
    assert press(page, "End")["start"] == LENGTH - 30_000
    assert press(page, "ArrowRight")["start"] == LENGTH - 30_000
    assert press(page, "Home")["start"] == 0


def test_page_keys_move_through_the_channels(page: Page) -> None:
    page.get_by_label("Channels on screen").select_option("16")
    put(page, rows=4)
    first = viewer(page, "viewer.model.rows.map((row) => row.id)")
    assert press(page, "PageDown")["row"] == 4
    quiet(page)
    assert not set(first) & set(viewer(page, "viewer.model.rows.map((row) => row.id)"))
    assert press(page, "PageUp", "PageUp")["row"] == 0


def test_letters_switch_how_traces_are_shown(page: Page) -> None:
    assert press(page, "h")["mode"] == "heat"
    assert press(page, "h")["mode"] == "lines"
    assert press(page, "o")["order"] == "id"
    quiet(page)
    assert viewer(page, "viewer.model.rows.map((row) => row.position)") == list(range(16))
    assert [press(page, "p")["signal"] for _ in range(4)] == ["processed", "side", "overlaid", "raw"]
    assert press(page, "w")["templates"] is True
    assert press(page, "x")["residual"] is True


def test_escape_takes_cursor_and_interval_away(page: Page) -> None:
    put(page, cursor=61_000, interval={"from": 61_000, "to": 62_000})
    cleared = press(page, "Escape")
    assert (cleared["cursor"], cleared["interval"]) == (None, None)


def test_keys_belong_to_a_field_while_it_is_typed_into(page: Page) -> None:
    page.get_by_label("time", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("h")
    assert (state(page)["start"], state(page)["mode"]) == (60_000, "lines")


def test_the_keys_are_listed(page: Page) -> None:
    press(page, "?")
    listed = page.locator("dialog#keys")
    expect(listed).to_be_visible()
    for what in (
        "earlier, later by 20 %",
        "zoom in, out about the cursor",
        "note at the cursor",
        "next, previous spike",
    ):
        expect(listed).to_contain_text(what)


# mouse


def test_the_wheel_zooms_about_the_pointer_only_after_a_click_inside(page: Page) -> None:
    page.get_by_role("button", name="Notes").focus()
    page.mouse.move(*place(page, 82_500))
    page.mouse.wheel(0, -100)
    assert state(page)["count"] == 30_000
    page.mouse.click(*place(page, 82_500))
    page.mouse.wheel(0, -100)
    page.wait_for_function("document.querySelector('[data-tracer]').tracer.store.now.count < 30000")
    near = state(page)
    assert near["count"] == round(30_000 / 1.15)
    assert (82_500 - near["start"]) / near["count"] == pytest.approx(0.75, abs=2e-3)


def test_the_wheel_pans_with_shift_and_scales_with_ctrl(page: Page) -> None:
    page.mouse.click(*place(page, 70_000))
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 120)
    page.wait_for_function("document.querySelector('[data-tracer]').tracer.store.now.start > 60000")
    page.keyboard.up("Shift")
    assert state(page)["count"] == 30_000
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.wait_for_function("document.querySelector('[data-tracer]').tracer.store.now.gain > 1.1")
    page.keyboard.up("Control")
    assert state(page)["gain"] == pytest.approx(1.15)


def test_dragging_pans_with_the_hand(page: Page) -> None:
    drag(page, place(page, 80_000), place(page, 70_000))
    panned = state(page)
    assert panned["start"] == pytest.approx(70_000, abs=60)
    assert (panned["count"], panned["cursor"]) == (30_000, None)


def test_a_click_sets_the_cursor_where_it_is(page: Page) -> None:
    put(page, spikes="none")
    page.mouse.click(*place(page, 70_000))
    assert state(page)["cursor"] == pytest.approx(70_000, abs=15)
    assert page.evaluate("document.activeElement.dataset.part") == "plot"


def test_dragging_with_shift_chooses_an_interval(page: Page) -> None:
    page.keyboard.down("Shift")
    drag(page, place(page, 70_000), place(page, 65_000))
    page.keyboard.up("Shift")
    interval = state(page)["interval"]
    assert (interval["from"], interval["to"]) == pytest.approx((65_000, 70_000), abs=30)
    assert state(page)["start"] == 60_000


def test_a_double_click_goes_back_to_a_second(page: Page) -> None:
    put(page, count=900, start=60_000, gain=3.0, spikes="none")
    page.mouse.dblclick(*place(page, 60_500))
    reset = state(page)
    assert (reset["count"], reset["gain"]) == (30_000, 1)
    assert reset["start"] + 15_000 == pytest.approx(60_500, abs=2)


def test_the_strip_is_clicked_dragged_and_moved_with_keys(page: Page) -> None:
    strip = page.get_by_role("slider", name="Place in the recording")
    box = strip.bounding_box()
    assert box is not None
    at = lambda part: (box["x"] + part * box["width"], box["y"] + box["height"] / 2)  # noqa: E731
    page.mouse.click(*at(0.5))
    assert state(page)["start"] == pytest.approx(LENGTH / 2 - 15_000, abs=300)
    drag(page, at(0.52), at(0.72))
    assert state(page)["start"] == pytest.approx(LENGTH * 0.7 - 15_000, abs=600)
    strip.press("Home")
    assert state(page)["start"] == 0
    strip.press("ArrowRight")
    assert state(page)["start"] == 6_000
    quiet(page)
    assert strip.get_attribute("aria-valuetext") == "0.200 s to 1.200 s"


def test_the_pointer_reads_channel_time_and_value(page: Page) -> None:
    put(page, count=100, spikes="none")
    page.mouse.move(*place(page, 60_040, 2))
    text = page.locator("[data-part=readout]").inner_text()
    channel, position = viewer(page, "[viewer.model.rows[2].id, viewer.model.rows[2].position]")
    value = viewer(page, "viewer.model.valueAt(60040, viewer.model.rows[2]).low")
    answer = page.request.get(
        f"{page.url.partition('/sortings')[0]}/recordings/{EXAMPLE}/frame?start=60040&count=1&columns=1&channels={position}"
    )
    assert value == pytest.approx(only_value(answer.body()))
    assert text.startswith(f"{channel} · 2.0013")
    assert float(text.rpartition(" · ")[2].split()[0]) == pytest.approx(value, rel=0.01)


def only_value(frame: bytes) -> float:
    """The physical value of a frame of one sample."""
    header, planes = planes_of(frame)
    return float(np.float64(planes[0, 0, 0]) * header["scale"][0] + header["offset"][0])


# typed times


@pytest.mark.parametrize(
    ("typed", "tick"),
    [
        ("4.5", 135_000),
        ("4500 ms", 135_000),
        ("0.075 min", 135_000),
        ("0:00:04.5", 135_000),
        ("135000 samples", 135_000),
    ],
)
def test_a_typed_time_is_gone_to(page: Page, typed: str, tick: int) -> None:
    press(page, "t")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    now = state(page)
    assert (now["cursor"], now["start"], now["count"]) == (tick, tick - 15_000, 30_000)
    assert page.evaluate("document.activeElement.dataset.part") == "plot"


def test_a_typed_range_is_taken(page: Page) -> None:
    press(page, "r")
    page.keyboard.type("20 ms")
    page.keyboard.press("Enter")
    assert (state(page)["count"], state(page)["start"]) == (600, 74_700)
    press(page, "r")
    page.keyboard.type("1 – 3 s")
    page.keyboard.press("Enter")
    assert (state(page)["start"], state(page)["count"]) == (30_000, 60_000)


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("t", "yesterday", "“yesterday” is not a time"),
        ("t", "99 s", "outside this segment"),
        ("r", "-3", "longer than one sample"),
    ],
)
def test_nonsense_is_answered_with_a_sentence_and_changes_nothing(page: Page, key: str, typed: str, said: str) -> None:
    press(page, key)
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=field-error]")).to_contain_text(said)
    assert (state(page)["start"], state(page)["count"]) == (60_000, 30_000)
    page.keyboard.press("Escape")
    expect(page.locator("[data-part=field-error]")).to_be_hidden()


def test_the_address_of_the_page_says_the_window(served: Served, open_page: Opened, page: Page) -> None:
    put(page, start=90_000, count=600)
    page.wait_for_url(re.compile(r"start_s=3\.000000&range_s=0\.020000"))
    page.reload()
    quiet(page)
    assert (state(page)["start"], state(page)["count"]) == (90_000, 600)


# spikes


def first_spike(page: Page) -> dict[str, Any]:
    """A spike on screen that stands alone."""
    found: dict[str, Any] = viewer(page, ALONE)
    return found


def test_a_click_on_a_spike_chooses_its_unit_everywhere(page: Page) -> None:
    spike = first_spike(page)
    page.mouse.click(*place(page, spike["tick"], -1))
    assert (state(page)["units"], state(page)["cursor"]) == ([spike["unit"]], spike["tick"])
    chosen = page.evaluate(
        """async () => {
          const {selectionOf} = await import("/static/js/selection.js");
          const root = document.querySelector("[data-tracer]");
          return [selectionOf(root).now.units, String(root.tracer.sorting.unit_ids[root.tracer.store.now.units[0]])];
        }"""
    )
    assert chosen[0] == [chosen[1]]


def test_a_click_on_a_spikes_coloured_samples_chooses_it_too(page: Page) -> None:
    spike = first_spike(page)
    put(page, start=spike["tick"] - 300, count=600)
    page.wait_for_function(
        "(unit) => document.querySelector('[data-tracer]').tracer.templates.get(unit)", arg=spike["unit"]
    )
    row = viewer(
        page,
        f"viewer.model.rows.findIndex((row) => row.position === viewer.templates.get({spike['unit']}).channels[0])",
    )
    page.mouse.click(*place(page, spike["tick"], row))
    assert state(page)["units"] == [spike["unit"]]


def test_next_and_previous_spike_of_the_chosen_units(page: Page) -> None:
    press(page, ".")
    expect(page.locator("[data-part=hints]")).to_contain_text("Choose a unit first")
    put(page, units=[2], cursor=60_000)
    press(page, ".")
    page.wait_for_function("document.querySelector('[data-tracer]').tracer.store.now.cursor > 60000")
    first = state(page)["cursor"]
    press(page, ".")
    page.wait_for_function(
        "(first) => document.querySelector('[data-tracer]').tracer.store.now.cursor > first", arg=first
    )
    press(page, ",")
    page.wait_for_function(
        "(first) => document.querySelector('[data-tracer]').tracer.store.now.cursor === first", arg=first
    )
    now = state(page)
    assert now["start"] <= first < now["start"] + now["count"]
    quiet(page)
    assert {"sample": first, "unit": 2} in viewer(page, "viewer.spikes.visible()")


def test_after_the_last_spike_a_sentence(served: Served, open_page: Opened) -> None:
    page = example(served, open_page, forgive="404")
    put(page, units=[2], cursor=LENGTH - 1, start=LENGTH - 30_000)
    press(page, ".")
    expect(page.locator("[data-part=hints]")).to_contain_text("There is no further spike of these units.")
    assert state(page)["cursor"] == LENGTH - 1


def test_only_the_spikes_of_chosen_units_are_shown_when_that_is_asked(page: Page) -> None:
    put(page, units=[2], spikes="chosen")
    assert {each["unit"] for each in viewer(page, "viewer.spikes.visible()")} == {2}
    put(page, spikes="none")
    assert viewer(page, "viewer.spikes.visible()") == []


def test_templates_are_drawn_on_their_channels(page: Page) -> None:
    spike = first_spike(page)
    put(page, start=spike["tick"] - 300, count=600, units=[spike["unit"]])
    press(page, "w")
    page.wait_for_function("document.querySelector('[data-tracer]').tracer.built.drawing.templates.length > 0")
    expect(page.get_by_role("button", name="Templates")).to_have_attribute("aria-pressed", "true")


def test_the_residual_is_asked_of_the_program(page: Page) -> None:
    put(page, units=[0, 1], count=600)
    with page.expect_response(lambda answer: "residual=1" in answer.url and "units=0%2C1" in answer.url) as found:
        press(page, "x")
    assert found.value.ok
    quiet(page)
    assert viewer(page, "viewer.model.isResidual") is True


# linked to the page


def test_what_other_views_choose_is_shown(page: Page) -> None:
    page.evaluate(CHOOSE)
    quiet(page)
    now = state(page)
    assert (now["channels"], now["cursor"], now["units"]) == ([0, 1], 225_000, [3])
    assert now["start"] <= 225_000 < now["start"] + now["count"]
    expect(page.locator("[data-part=remarks]")).to_contain_text("2 of 16 channels chosen")
    page.locator("[data-part=remarks]").get_by_role("button", name="all").click()
    assert state(page)["channels"] is None


# notes


def test_a_note_at_the_cursor_is_written_found_changed_and_deleted(served: Served, open_page: Opened) -> None:
    page = example(served, open_page, forgive="422")
    press(page, "Escape", "n")
    expect(page.locator("[data-part=hints]")).to_contain_text("a note stands at the cursor")
    put(page, cursor=66_000)
    press(page, "n")
    page.keyboard.press("Enter")
    notes = page.locator("[data-part=notes]")
    expect(notes.get_by_role("alert")).not_to_be_empty()
    page.keyboard.type('drug <b>"on"</b>')
    page.keyboard.press("Enter")
    written = notes.locator("li")
    expect(written).to_contain_text('drug <b>"on"</b>')
    expect(written).to_contain_text("2.200 s")
    put(page, start=0, cursor=None)
    written.get_by_title("Go there").click()
    assert state(page)["cursor"] == 66_000
    assert state(page)["start"] <= 66_000 < state(page)["start"] + 30_000
    written.get_by_role("button", name="Edit").click()
    notes.get_by_label("Note at 2.200 s").fill("wash")
    page.keyboard.press("Enter")
    expect(notes.locator("li")).to_contain_text("wash")
    with page.expect_download() as csv:
        notes.get_by_role("link", name="CSV").click()
    assert "wash" in csv.value.path().read_text()
    notes.get_by_role("button", name="Delete").click()
    expect(notes.locator("li")).to_have_count(0)


def test_a_note_on_an_interval_stays(page: Page) -> None:
    put(page, interval={"from": 61_000, "to": 64_000})
    press(page, "n")
    page.keyboard.type("movement")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=notes] li")).to_contain_text("2.033 s + 100 ms")
    page.reload()
    quiet(page)
    assert viewer(page, "viewer.notes.list.map((note) => [note.start_sample, note.end_sample, note.text])") == [
        [61_000, 64_000, "movement"]
    ]
    page.get_by_role("button", name="Notes").click()
    page.locator("[data-part=notes]").get_by_role("button", name="Delete").click()
    expect(page.locator("[data-part=notes] li")).to_have_count(0)


# preprocessing


def test_a_chain_is_put_together_tried_kept_and_handed_on(page: Page) -> None:
    page.get_by_role("button", name="Preprocessing").click()
    drawer = page.locator("[data-part=chain]")
    steps = drawer.locator("[data-step]")
    names = lambda: [each.get_attribute("data-step") for each in steps.all()]  # noqa: E731
    assert names() == ["bandpass_filter", "common_reference"]
    drawer.get_by_label("Add a step").select_option("highpass_filter")
    assert (names()[-1], state(page)["signal"]) == ("highpass_filter", "processed")
    drawer.locator("[data-param=freq_min]").fill("250")
    drawer.locator("[data-param=freq_min]").press("Tab")
    assert state(page)["chain"][2]["params"]["freq_min"] == 250
    drawer.get_by_label("Apply Common reference").uncheck()
    quiet(page)
    assert "common_reference" not in viewer(page, "viewer.model.layers()[0].query.chain")
    drawer.get_by_role("button", name="Earlier: High-pass filter").click()
    assert names() == ["bandpass_filter", "highpass_filter", "common_reference"]
    drawer.get_by_role("button", name="Remove: Band-pass filter").click()
    assert names() == ["highpass_filter", "common_reference"]
    drawer.get_by_label("Name of the preset").fill("my chain")
    drawer.get_by_role("button", name="Save preset").click()
    expect(drawer.get_by_label("Preset", exact=True)).to_contain_text("my chain")
    link = drawer.get_by_role("link", name="Use for sorting").get_attribute("href") or ""
    assert link.startswith(f"/recordings/{EXAMPLE}/sort?chain=")
    assert [name in link for name in ("highpass_filter", "common_reference")] == [True, False]
    quiet(page)


def test_a_wrong_parameter_is_said_at_its_field(page: Page) -> None:
    page.get_by_role("button", name="Preprocessing").click()
    drawer = page.locator("[data-part=chain]")
    drawer.get_by_role("button", name="Band-pass filter", exact=True).click()
    field = drawer.locator("[data-param=freq_min]")
    field.fill("-5")
    field.press("Tab")
    expect(drawer.locator(".field .error:visible")).to_contain_text("Must be at least 0.1 Hz; -5 is not.")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert state(page)["chain"][0]["params"]["freq_min"] == 300


def test_raw_and_processed_stand_side_by_side_and_over_each_other(page: Page) -> None:
    put(page, signal="side")
    assert len(viewer(page, "viewer.box.panes")) == 2
    assert viewer(page, "viewer.built.scene.panes.map((pane) => pane.layers.length)") == [1, 1]
    put(page, signal="overlaid")
    assert viewer(page, "viewer.built.scene.panes.map((pane) => pane.layers.length)") == [2]


def test_a_wide_window_of_a_chain_offers_its_overview_and_builds_it(served: Served, open_page: Opened) -> None:
    page = open_page(served, f"/recordings/{WIDE}/tracer")
    quiet(page)
    put(page, signal="processed", start=0, count=15 * RATE_HZ)
    remarks = page.locator("[data-part=remarks]")
    expect(remarks.get_by_role("button", name="Build")).to_be_visible()
    remarks.get_by_role("button", name="Build").click()
    expect(remarks).to_be_empty(timeout=60_000)
    assert (
        viewer(
            page, "viewer.model.kept(viewer.model.layers()[0].key).filter((kept) => !kept.stale).at(-1).frame.source"
        )
        == "pyramid"
    )


# requests


def test_fifty_rapid_pans_leave_the_last_window_and_no_backlog(served: Served, open_page: Opened) -> None:
    page = open_page(served, f"/recordings/{WIDE}/tracer")
    quiet(page)
    put(page, start=0, count=RATE_HZ // 10)
    sent = viewer(page, "viewer.model.requests.counts.sent")
    now = press(page, *["ArrowRight"] * 50)
    assert now["start"] == 50 * 600
    quiet(page)
    assert viewer(page, "[viewer.built.scene.start, viewer.holes.blank.length, viewer.model.requests.under]") == [
        30_000,
        0,
        None,
    ]
    assert viewer(page, "viewer.model.requests.counts.sent") - sent <= 60


# recordings of all kinds


def test_segments_and_samples_that_are_no_numbers(served: Served, open_page: Opened) -> None:
    page = open_page(served, f"/recordings/{PARTS}/tracer")
    quiet(page)
    expect(page.locator("[data-part=remarks]")).to_contain_text("50 samples are not a number")
    page.get_by_label("segment").select_option("1")
    quiet(page)
    now = state(page)
    assert (now["segment"], now["start"], now["count"]) == (1, 0, 2_000)
    expect(page.locator("[data-part=remarks]")).to_be_empty()
    assert press(page, "+", "ArrowRight", "End")["start"] > 0


def test_a_file_that_is_gone_is_said_in_the_view_and_the_rest_goes_on(served: Served, open_page: Opened) -> None:
    file = served.workspace.parent / "going.raw"
    aside = file.rename(file.with_suffix(".aside"))
    page = open_page(served, f"/recordings/{GOING}/tracer", forgive="503|404|422")
    failure = page.locator("[data-part=failure]")
    expect(failure).to_contain_text("going.raw")
    press(page, "h")
    assert state(page)["mode"] == "heat"
    aside.rename(file)
    failure.get_by_role("button", name="Try again").click()
    expect(failure).to_be_hidden()
    quiet(page)
    assert viewer(page, "viewer.holes.blank.length") == 0


# what is saved


def test_the_window_is_saved_as_picture_numbers_and_python(page: Page) -> None:
    put(page, count=300, spikes="none")
    saved = {kind: saved_as(page, kind) for kind in ("PNG", "SVG", "CSV")}
    assert saved["PNG"].startswith(b"\x89PNG")
    svg = saved["SVG"].decode()
    assert svg.count("<path") >= 16
    assert "NaN" not in svg
    lines = saved["CSV"].decode().splitlines()
    assert len(lines) == 301
    assert lines[1].startswith("60000,2.000000,")
    page.get_by_role("button", name="Python").click()
    expect(page.locator("[data-part=code]")).to_contain_text("start_frame=60000, end_frame=60300")


def saved_as(page: Page, kind: str) -> bytes:
    with page.expect_download() as given:
        page.get_by_role("button", name=kind, exact=True).click()
    assert given.value.suggested_filename.endswith(f"2.000 s to 2.010 s.{kind.lower()}")
    return given.value.path().read_bytes()


# how it looks


def test_themes_change_the_ink(page: Page) -> None:
    before = viewer(page, "viewer.inks.groups[0]")
    page.evaluate(
        "document.documentElement.dataset.theme = 'dark'; document.dispatchEvent(new CustomEvent('lab:theme'))"
    )
    assert viewer(page, "viewer.inks.groups[0]") != before


def test_the_canvas_follows_size_and_pixel_density(served: Served, open_page: Opened) -> None:
    page = open_page(served, f"/recordings/{EXAMPLE}/tracer", device_scale_factor=2)
    quiet(page)
    sharp = viewer(page, "[viewer.picture.canvas.width / viewer.plot.clientWidth, viewer.model.wants().length]")
    assert sharp == [2, 0]
    page.set_viewport_size({"width": 1024, "height": 640})
    page.wait_for_function(FITTED)
    assert page.evaluate("document.documentElement.scrollWidth <= 1024 && document.documentElement.scrollHeight <= 640")


def test_everything_has_a_name_and_can_be_reached_with_tab(page: Page) -> None:
    assert page.evaluate(UNNAMED) == []
    page.get_by_label("Signal").focus()
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.dataset.part ?? document.activeElement.dataset.field ?? ''"))
    assert {"plot", "strip", "time", "range"} <= seen
