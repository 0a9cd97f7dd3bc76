"""The HTTP API of the scoring service, under ``/api/v1``: JSON, problem+json, OpenAPI 3.1, scopes per route."""
