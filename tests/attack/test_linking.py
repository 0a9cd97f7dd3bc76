"""Whole rounds, attacked: can what an insider copies be matched to the raters? ``make attack`` does it larger."""

from pathlib import Path

import pytest

from tests.attack import table
from tests.attack.trial import Trial, on_servers, on_sqlite, run
from tests.servers.postgres import Postgres
from tests.servers.rabbit import Rabbit

PEOPLE = 210
"""At least 200 raters."""


def judge(trial: Trial) -> None:
    print("\n".join(table.lines(trial)))
    assert trial.raters >= 200
    assert len(trial.findings) >= 12
    assert list(table.failures(trial)) == []


@pytest.mark.timeout(240)
def test_the_embedded_product_keeps_its_promise(tmp_path: Path) -> None:
    with on_sqlite(tmp_path, PEOPLE, seed=2) as (copier, round_):
        judge(run(copier, round_))


@pytest.mark.timeout(240)
def test_separate_services_keep_the_promise(
    tmp_path: Path, postgres: Postgres, rabbit: Rabbit, amqp_url: str
) -> None:
    databases = [postgres.database() for _ in range(4)]
    with on_servers(tmp_path, PEOPLE, 3, databases, amqp_url, rabbit.home) as (copier, round_):
        judge(run(copier, round_))
    for url in databases:
        postgres.drop(url)
