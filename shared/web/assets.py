"""Static files under an address that changes with their content, so that browsers may keep them for a year."""

import hashlib
from pathlib import Path

from flask import Flask, Response, request

FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


def install(app: Flask) -> None:
    """Give templates ``asset("/static/…")`` and answer versioned addresses with a long life."""
    digests: dict[str, str] = {}

    def asset(path: str) -> str:
        if path not in digests:
            digests[path] = hashlib.sha256(_file(app, path).read_bytes()).hexdigest()[:12]
        return f"{path}?v={digests[path]}"

    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def _file(app: Flask, path: str) -> Path:
    """The file behind ``path``: the blueprint with the longest fitting address, else the app's own folder."""
    blueprints = sorted(app.blueprints.values(), key=lambda one: -len(one.static_url_path or ""))
    for owner in (*blueprints, app):
        prefix = (owner.static_url_path or "").rstrip("/") + "/"
        if owner.static_folder and prefix != "/" and path.startswith(prefix):
            return Path(owner.static_folder) / path.removeprefix(prefix)
    raise LookupError(f"no static folder serves {path}")


def _keep(response: Response) -> Response:
    if request.path.startswith("/static/") and response.status_code < 400:
        response.headers["Cache-Control"] = FOREVER if "v" in request.args else A_DAY
    return response
