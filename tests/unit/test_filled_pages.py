"""Pages that are rendered once and filled in for each request."""

from collections.abc import Iterator

import pytest
from flask import Flask

from survey_service.respond.filling import filled


@pytest.fixture(autouse=True)
def request_of_a_rater() -> Iterator[None]:
    with Flask(__name__).test_request_context("/s?lang=id"):
        yield


def test_every_value_is_escaped_and_in_its_place() -> None:
    rendered = []

    def render(marks) -> str:
        rendered.append(1)
        return f"<p>{marks['one']}</p><p>{marks['two']}{marks['one']}</p>"

    assert filled("page", {"one": "<a>", "two": "\ue000one\ue001"}, render) == (
        "<p>&lt;a&gt;</p><p>\ue000one\ue001&lt;a&gt;</p>"
    )
    assert filled("page", {"one": "1", "two": "2"}, render) == "<p>1</p><p>21</p>"
    assert len(rendered) == 1


@pytest.mark.parametrize("change", [lambda mark: mark[:4], lambda mark: mark[2:], str.upper])
def test_a_template_that_cuts_a_value_is_found_out(change) -> None:
    with pytest.raises(ValueError, match="filled in later"):
        filled("page", {"one": "value"}, lambda marks: f"<p>{change(marks['one'])}</p>")
