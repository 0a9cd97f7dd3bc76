"""The statement of what is stored names every table and column that there is, and nothing that there is not."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from shared import stored
from shared.audit import AUDIT
from shared.messaging.tables import MESSAGING
from shared.service import PACKAGES
from shared.web.access import ACCESS

LIVE = {
    "survey": ("SURVEY", (ACCESS, AUDIT, MESSAGING)),
    "scoring": ("SCORING", (ACCESS, AUDIT, MESSAGING)),
    "notifier": ("NOTIFIER", (MESSAGING,)),
}
"""The tables that ``test_migrations`` compares with real databases."""


def schema(service: str) -> set[tuple[str, str]]:
    name, common = LIVE[service]
    own = getattr(import_module(f"{PACKAGES[service]}.tables"), name)
    return {
        (table.name, column.name) for one in (own, *common) for table in one.sorted_tables for column in table.c
    }


def told(service: str) -> list[tuple[str, str]]:
    entries = [one for one in stored.statement() if one.service == service]
    return [(one.table, name) for one in entries for column in one.columns for name in column.names]


@pytest.mark.parametrize("service", PACKAGES)
def test_every_column_has_words_and_no_words_are_left_over(service: str) -> None:
    found = told(service)
    assert len(found) == len(set(found)), "a column is described twice"
    untold, gone = schema(service) - set(found), set(found) - schema(service)
    assert not untold, f"say what these hold in {PACKAGES[service]}/stored.toml: {sorted(untold)}"
    assert not gone, f"these are not stored any more: {sorted(gone)}"


def test_everything_is_said_in_both_languages_and_about_somebody() -> None:
    for one in stored.statement():
        assert one.about in stored.ABOUT
        for words in (one.what, one.until, *(column.holds for column in one.columns)):
            assert words.id.strip() and words.en.strip(), one.table
            assert words.id != words.en, (one.table, words.id)


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from shared.config import load
    from shared.database import connect
    from shared.host import now
    from shared.service import Context
    from shared.web.app import create_app
    from survey_service.service import build

    def client(**settings: str) -> Any:
        home = tmp_path_factory.mktemp("stored")
        found = load({"CERMIN_DATA_DIR": str(home), **settings})
        context = Context(found, connect(f"sqlite:///{home}/survey.db"), now)
        return create_app(build(context), context).test_client()

    secrets = {"CERMIN_EVENT_SECRETS": "e" * 40, "CERMIN_SERVICE_SECRETS": "s" * 40}
    return SimpleNamespace(
        together=client(), apart=client(CERMIN_SURVEY_DATABASE_URL="postgresql://u:p@db/survey", **secrets)
    )


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_and_the_api_tell_all_of_it_and_how_the_services_run(apps: Any, language: str) -> None:
    for client, separated in ((apps.together, False), (apps.apart, True)):
        told = client.get("/api/v1/stored")
        assert told.status_code == 200
        assert told.json["separated"] is separated
        assert len(told.json["tables"]) == len(stored.statement())
        page = client.get(f"/s/promise?lang={language}").text
        words = {"id": ("satu mesin", "berjalan terpisah"), "en": ("on one machine", "run apart")}[language]
        assert [one in page for one in words] == [not separated, separated]
        assert page.count("<details") == len(stored.statement())
        assert "token_digest" in page
