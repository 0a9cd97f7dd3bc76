"""The survey service for programs: ``/api/v1``, JSON in and out, problem+json for every refusal."""

from flask import Flask

from survey_service.api import people, questionnaires, rounds, stored


def install(app: Flask) -> None:
    """Add the API to the app of the survey service."""
    api = app.extensions["cermin_api"]
    for blueprint in (people.make(), questionnaires.make(), rounds.make(), stored.make()):
        api.register_blueprint(blueprint)
