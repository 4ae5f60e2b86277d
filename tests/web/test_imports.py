"""Imports by form, with a real worker that looks into real files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab
from labbox_local.settings import Settings
from labbox_local.web.app import create_app
from labbox_local.web.guard import cookie_name
from tests.web.conftest import ADDRESS, OWN_PAGE, PORT

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
TETRODE = {
    "probe.source": "generated",
    "probe.layout": "tetrode",
    "probe.tetrode.pitch_um": "25",
    "probe.tetrode.spacing_um": "300",
}
LOCUST = {"format": "binary", "option.sampling_frequency": "15000", "option.num_channels": "4", "option.dtype": "int16"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Lab whose worker stays warm for all tests here."""
    place = tmp_path_factory.mktemp("imports")
    with Lab(Settings(workspace=place / "workspace", file=place / "settings.json"), owner=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(lab: Lab) -> Iterator[TestClient[Litestar]]:
    """A client with the cookie."""
    with TestClient(create_app(lab), base_url=ADDRESS) as made:
        made.headers.update(OWN_PAGE)
        made.cookies.set(cookie_name(PORT), lab.token)
        yield made


def errors(text: str) -> list[str]:
    """The sentences under fields and over the form."""
    found = re.findall(r'<p class="error"[^>]*>([^<]+)</p>', text)
    note = re.search(r'<div class="note bad" role="alert"><div>(.*?)</div>', text, re.S)
    return [*found, *(re.findall(r"<p>([^<]+)</p>", note.group(1)) if note else [])]


def locust(data: Path, **more: str) -> dict[str, str]:
    """The form of the first trial."""
    return {**LOCUST, "path": str(data / "raw-locust" / "locust_trial_01.raw"), "name": "trial", **TETRODE, **more}


def test_a_path_is_looked_into_and_what_is_found_is_suggested(client: TestClient[Litestar], data: Path) -> None:
    text = client.get("/import", params={"path": str(data / "raw-locust" / "locust_trial_01.raw")}).text
    assert re.search(r'name="option.num_channels" value="4"', text)
    assert re.search(r'name="option.sampling_frequency" value="15000"', text)
    assert '<option value="binary" selected' in text


def test_one_of_several_streams_can_be_picked(client: TestClient[Litestar], data: Path) -> None:
    path = str(data / "spikeglx-np1-nidq")
    assert 'value="imec0.ap"' in client.get("/import", params={"path": path}).text
    assert 'value="nidq"' in client.get("/import", params={"path": path, "pick": "1"}).text
    assert client.get("/import", params={"path": path, "pick": "99"}).status_code == 200


def test_another_format_than_the_likeliest_can_be_chosen(client: TestClient[Litestar], data: Path) -> None:
    text = client.get("/import", params={"path": str(data / "spikeglx-np1-nidq"), "format": "binary"}).text
    assert 'name="option.num_channels" value=""' in text


def test_a_folder_with_only_a_sorting_leads_to_its_import(client: TestClient[Litestar], data: Path) -> None:
    text = client.get("/import", params={"path": str(data / "phy-template")}).text
    assert "There is no recording in it, but a sorting" in text
    assert "/sortings/import?path=" in text


@pytest.mark.parametrize("path", ["/nowhere/at/all", "   ~nobody-of-this-name/x"])
def test_a_path_that_does_not_exist_is_said_at_the_field(client: TestClient[Litestar], path: str) -> None:
    answer = client.get("/import", params={"path": path})
    assert answer.status_code == 422
    assert re.search(r'id="f-path"[^>]*aria-invalid="true"', answer.text)
    assert len(errors(answer.text)) == 1


def test_the_preview_shows_facts_probe_and_traces(client: TestClient[Litestar], data: Path) -> None:
    text = client.post("/import/preview", data=locust(data), headers=PART).text
    assert "<html" not in text
    for fact in ("28.770\u2009s", "431\u2009548, int16", "no gain is known", "data-probe=", "data-traces"):
        assert fact in text, fact


def test_a_preview_that_fails_says_why_in_its_place(client: TestClient[Litestar], data: Path) -> None:
    answer = client.post("/import/preview", data=locust(data, **{"option.num_channels": "7"}), headers=PART)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert "is no multiple of 7 channels" in answer.text


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"option.num_channels": "7"}, "option.num_channels", "is no multiple of 7 channels"),
        ({"option.sampling_frequency": "fast"}, "option.sampling_frequency", "Must be a number; “fast” is not."),
        ({"option.num_channels": "0"}, "option.num_channels", "from 1 to"),
        ({"name": "x" * 201}, "name", "200 characters"),
        ({"probe.source": "probe_file", "probe.path": "/no/such.prb"}, "probe.path", "/no/such.prb"),
        ({"probe.tetrode.pitch_um": "-1"}, "probe.tetrode.pitch_um", "-1"),
        ({"option.num_channels": "2"}, "", "multiple of 4"),
        ({"format": "no-such-format"}, "format", "There is no format"),
        ({"path": "/nowhere"}, "path", "/nowhere"),
    ],
)
def test_bad_input_is_a_sentence_at_its_field_and_changes_nothing(
    client: TestClient[Litestar], lab: Lab, data: Path, changed: dict[str, str], field: str, said: str
) -> None:
    before = list(lab.recordings())
    answer = client.post("/import", data=locust(data, **changed))
    assert answer.status_code == 422
    assert any(said in sentence for sentence in errors(answer.text)), errors(answer.text)
    assert not field or re.search(rf'name="{re.escape(field)}"[^>]*aria-invalid="true"', answer.text)
    assert list(lab.recordings()) == before


def test_all_that_is_wrong_is_said_at_once_and_what_was_entered_stays(client: TestClient[Litestar], data: Path) -> None:
    wrong = {"option.num_channels": "four", "option.sampling_frequency": "15 kHz", "name": "my trial"}
    text = client.post("/import", data=locust(data, **wrong)).text
    assert len(errors(text)) == 2
    for value in ("four", "15 kHz", "my trial", 'value="tetrode" selected', 'value="generated" checked'):
        assert value in text, value


def test_the_recording_enters_the_library_with_its_probe(client: TestClient[Litestar], lab: Lab, data: Path) -> None:
    answer = client.post("/import", data=locust(data), follow_redirects=False)
    assert answer.status_code == 303
    recording = lab.recordings()[0]
    assert answer.headers["location"] == f"/recordings/{recording.id}"
    assert (recording.name, recording.facts["channel_count"], recording.facts["has_probe"]) == ("trial", 4, True)
    assert client.get(answer.headers["location"]).status_code == 200


def test_its_traces_are_given_as_data_for_chosen_channels(client: TestClient[Litestar], lab: Lab, data: Path) -> None:
    client.post("/import", data=locust(data))
    number = lab.recordings()[0].id
    path = f"/recordings/{number}/traces?start_s=1&duration_s=0.01&channel=2&channel=0"
    told = client.get(path).json()
    assert told["channel_ids"] in ([2, 0], ["2", "0"])
    assert (told["start_sample"], told["sample_count"]) == (15000, 150)
    refused = client.get(f"/recordings/{number}/traces?start_s=99", headers={"Accept": "application/json"})
    assert refused.status_code == 422
    assert "28.7" in refused.json()["error"]


def test_a_sorter_is_set_up_by_form_and_every_wrong_value_said(
    client: TestClient[Litestar], lab: Lab, data: Path
) -> None:
    client.post("/import", data=locust(data))
    number = lab.recordings()[0].id
    text = client.get(f"/recordings/{number}/sort?sorter=tridesclous2").text
    assert text.index("<h3>Installed</h3>") < text.index("<h3>Not installed</h3>")
    assert "<h2>Tridesclous 2</h2>" in text
    form = {"sorter": "tridesclous2", "preprocessing.freq_min": "soon", "p.no_such": "1", "name": "mine"}
    answer = client.post(f"/recordings/{number}/sort", data=form)
    assert answer.status_code == 422
    assert any("soon" in sentence for sentence in errors(answer.text))
    assert any("no_such" in sentence for sentence in errors(answer.text))
    assert 'value="mine"' in answer.text
    assert lab.jobs("active") == [job for job in lab.jobs("active") if job.task != "sort"]


def test_a_sorter_that_is_not_installed_says_how_to_get_it(client: TestClient[Litestar], lab: Lab, data: Path) -> None:
    client.post("/import", data=locust(data))
    number = lab.recordings()[0].id
    text = client.get(f"/recordings/{number}/sort?sorter=kilosort2").text
    assert "It is not installed here." in text
    assert '<button class="primary">' not in text
    assert client.get(f"/recordings/{number}/sort?sorter=nonsense").status_code == 422


def test_a_run_is_queued_and_leads_to_its_job(client: TestClient[Litestar], lab: Lab, data: Path) -> None:
    client.post("/import", data=locust(data))
    number = lab.recordings()[0].id
    answer = client.post(f"/recordings/{number}/sort", data={"sorter": "simple"}, follow_redirects=False)
    assert answer.status_code == 303
    job = lab.jobs("active")[0]
    assert answer.headers["location"] == f"/jobs/{job.id}"
    again = client.post(f"/recordings/{number}/sort", data={"sorter": "simple"}, follow_redirects=False)
    assert again.headers["location"] == f"/jobs/{job.id}", "a double click is one job"


def test_a_sorting_is_looked_into_before_its_import(client: TestClient[Litestar], lab: Lab, data: Path) -> None:
    text = client.get("/sortings/import", params={"path": str(data / "phy-template")}).text
    for fact in ("<dd>62</dd>", "<dd>314</dd>", 'method="post"'):
        assert fact in text, fact
    form = {"path": str(data / "phy-template"), "name": "phy", "recording": ""}
    answer = client.post("/sortings/import", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/jobs/{lab.jobs('active')[0].id}"


def test_what_the_files_of_a_sorting_lack_is_asked_for(client: TestClient[Litestar], data: Path) -> None:
    path = str(data / "nwb-units" / "A8604-211122.nwb")
    lacking = client.get("/sortings/import", params={"path": path})
    assert lacking.status_code == 422
    assert 'name="option.sampling_frequency"' in lacking.text
    found = client.get(
        "/sortings/import", params={"path": path, "option.sampling_frequency": "20000", "option.t_start": "0"}
    )
    assert found.status_code == 200
    assert "<dd>3</dd>" in found.text


def test_a_sorting_that_is_none_is_refused(client: TestClient[Litestar], lab: Lab, data: Path) -> None:
    for form in ({"path": "/nowhere"}, {"path": str(data / "phy-template"), "recording": "99"}):
        answer = client.post("/sortings/import", data=form)
        assert answer.status_code == 422
        assert errors(answer.text)


def test_an_example_is_queued_and_a_bad_one_refused(client: TestClient[Litestar], lab: Lab) -> None:
    form = {"name": "mine", "duration_s": "10", "channel_count": "4", "unit_count": "2", "seed": "1"}
    answer = client.post("/example", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"/jobs/{lab.jobs('active')[0].id}"
    refused = client.post("/example", data={**form, "duration_s": "1", "seed": "x"})
    assert refused.status_code == 422
    assert len(errors(refused.text)) == 2


def test_the_views_are_listed_on_the_about_page(client: TestClient[Litestar]) -> None:
    text = client.get("/about/plugins").text
    assert "Autocorrelograms" in text
    assert "<html" not in text
