"""`cermin up --sample`: a newcomer finds people, an open round, mails and an account."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.journey.deployment import clean
from tests.servers.processes import free_port


@pytest.mark.timeout(200)
def test_sample_data_is_there_once_and_somebody_can_look_at_it(tmp_path: Path) -> None:
    environment = clean({"CERMIN_DATA_DIR": str(tmp_path), "CERMIN_PORT": str(free_port())})
    command = [sys.executable, "-m", "shared.cli", "up", "--sample"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as up:
        assert up.stdout
        said = []
        for line in up.stdout:
            said.append(line)
            if line.startswith("Personnel office:"):
                break
        url = f"http://127.0.0.1:{environment['CERMIN_PORT']}"
        with urllib.request.urlopen(url, timeout=10) as page:
            assert page.url == f"{url}/s", "the host alone leads raters on"
        up.terminate()
        up.wait(30)
    text = "".join(said)
    assert "people imported" in text and "answered" in text and "Password (shown once)" in text
    assert len(list((tmp_path / "mail" / "new").iterdir())) > 100
    again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (again.returncode, "people here already" in again.stderr) == (2, True)
