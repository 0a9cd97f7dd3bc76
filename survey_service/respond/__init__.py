"""The rater's pages: open a link, answer, decline. No cookie, no third-party request, nothing spent by looking."""

from flask import Flask

from shared.web.texts import install as add_texts
from survey_service.respond.knowing import knowing
from survey_service.respond.pages import pages
from survey_service.respond.preview import preview
from survey_service.respond.texts import read


def install(app: Flask) -> None:
    """Add the rater's pages and their words to the app of the survey service."""
    add_texts(app, read())
    app.register_blueprint(pages)
    app.register_blueprint(knowing)
    app.register_blueprint(preview)
