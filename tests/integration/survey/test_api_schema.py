"""The survey API keeps what its OpenAPI document says, whatever is sent to it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from shared.config import load
from shared.database import connect, transaction
from shared.migrate import upgrade
from shared.service import Context
from shared.web.access import SCOPES_OF, create_client
from shared.web.app import create_app
from survey_service.service import build
from survey_service.usecases import people, questionnaires
from tests.people_files import agency, csv_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SCOPES = SCOPES_OF["survey"]
BY_MEANING = [positive_data_acceptance]
"""A file or a round may fit the schema and still be refused for what it says."""
DOCUMENT = "/api/v1/survey/openapi.json"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An app over SQLite with a few people, and a key for it."""
    folder: Path = tmp_path_factory.mktemp("api")
    engine = connect(f"sqlite:///{folder / 'survey.db'}")
    upgrade(engine, "survey_service.migrations")
    with transaction(engine) as session:
        questionnaires.load_shipped(session)
        people.import_people(session, csv_file(*agency(6)), NOW, "hr")
        key = create_client(session, "schemathesis", SCOPES, NOW)
    context = Context(load({"CERMIN_DATA_DIR": str(folder)}), engine, lambda: NOW)
    yield create_app(build(context), context), key
    engine.dispose()


def test_every_answer_is_documented(served: tuple[Flask, str]) -> None:
    app, key = served
    document = schemathesis.openapi.from_wsgi(DOCUMENT, app)
    for found in document.get_all_operations():

        @given(found.ok().as_strategy())
        @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def check(case: Any) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=BY_MEANING)

        check()


def test_every_operation_says_what_it_refuses(served: tuple[Flask, str]) -> None:
    paths = served[0].test_client().get(DOCUMENT).json["paths"]
    operations = [
        (path, operation)
        for path, methods in paths.items()
        for operation in methods.values()
        if "responses" in operation
    ]
    assert len(operations) >= 15
    for path, operation in operations:
        assert operation["summary"]
        needs_key = path != "/api/v1/stored"
        assert operation["security"] == ([{"key": []}] if needs_key else [])
        assert not needs_key or {"401", "403"} <= operation["responses"].keys()
