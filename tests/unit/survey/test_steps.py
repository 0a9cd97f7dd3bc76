import pytest

from survey_service.domain.steps import stepped


@pytest.mark.parametrize(("count", "shown"), [(0, "<5"), (4, "<5"), (5, "5"), (9, "5"), (10, "10"), (1234, "1230")])
def test_counts_are_rounded_down_to_steps(count: int, shown: str) -> None:
    assert stepped(count) == shown
