"""One browser for the session; a page and a served round per test."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.asked import Asked
from tests.browser.pages import chromium, served


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed")
    with chromium() as found:
        yield found


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


@pytest.fixture
def base(asked: Asked) -> Iterator[str]:
    with served(asked.app()) as address:
        yield address
