"""The Flask app of one service: same errors, headers, languages and templates everywhere."""

from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, request
from flask_babel import Babel
from flask_smorest import Api
from jinja2 import ChoiceLoader, PackageLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.config import Settings
from shared.service import Context, Service
from shared.web import assets, problems, sentences, texts
from shared.web.language import language

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


class ProblemApi(Api):
    """flask-smorest whose errors are ours: problem+json, documented with our schema."""

    ERROR_SCHEMA = problems.ProblemSchema

    def _register_error_handlers(self) -> None:
        """``problems.install`` handles them for the whole app."""


def create_app(service: Service, context: Context) -> Flask:
    """An app that serves one service. Static files lie under ``/static`` (shared) and ``/static/<service>``."""
    app = Flask(
        f"cermin.{service.name}",
        static_folder=str(Path(__file__).with_name("static")),
        static_url_path="/static",
        template_folder=None,
    )
    settings = context.settings
    app.config.update(_flask_settings(settings, service))
    app.extensions["cermin"] = context
    app.jinja_env.loader = ChoiceLoader(
        [PackageLoader("shared.web", "templates"), app.create_global_jinja_loader()]
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=texts.t,
        has=texts.has,
        say=sentences.say,
        day=texts.day,
        moment=texts.moment,
        decimal=texts.decimal,
        language=language,
        agency=settings.agency,
    )
    app.context_processor(lambda: {"contact": texts.whom(settings.contact)})
    app.jinja_env.filters["whom"] = texts.whom
    texts.install(app, texts.TEXTS)
    sentences.install(app, sentences.SENTENCES)
    Babel(app, locale_selector=language, timezone_selector=lambda: str(settings.timezone))
    app.extensions["cermin_api"] = ProblemApi(app)
    problems.install(app)
    app.after_request(_headers)
    assets.install(app)
    if service.register:
        service.register(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    return app


def _flask_settings(settings: Settings, service: Service) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.service_secrets[0],
        "SECRET_KEY_FALLBACKS": list(settings.service_secrets[1:]),
        "SESSION_COOKIE_NAME": "cermin_console",
        "SESSION_COOKIE_PATH": "/console",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.public_url.startswith("https:"),
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "API_TITLE": f"Cermin {service.name} API",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": f"/api/v1/{service.name}",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "components": {
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "API key"}}
            },
        },
        "BABEL_DEFAULT_LOCALE": settings.language,
        "PROPAGATE_EXCEPTIONS": False,
    }


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
