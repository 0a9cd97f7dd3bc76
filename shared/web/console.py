"""What the staff pages of both web services share: forgery protection, navigation and the choice of language.

All of them lie under ``/console``, and so do their cookies: no cookie ever reaches a page of a rater.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, request
from flask_wtf import CSRFProtect

from shared import audit
from shared.config import LANGUAGES
from shared.database import reading, transaction
from shared.service import Context
from shared.staff import Staff
from shared.web import trail
from shared.web.access import STAFF_PATH, cookie_is_secure
from shared.web.language import LANGUAGE_COOKIE
from shared.web.texts import Texts, install

TEXTS: Texts = {
    "console.rounds": ("Putaran", "Rounds"),
    "console.people": ("Pegawai", "People"),
    "console.questionnaires": ("Kuesioner", "Questionnaires"),
    "console.results": ("Hasil", "Results"),
    "console.data": ("Penyimpanan", "Data"),
    "console.audit": ("Jejak audit", "Audit trail"),
    "console.accounts": ("Akun", "Accounts"),
    "console.menu": ("Menu utama", "Main menu"),
    "console.sign_out": ("Keluar", "Sign out"),
    "console.role.hr": ("Kepegawaian", "Personnel office"),
    "console.role.viewer": ("Pengamat", "Viewer"),
    "console.role.auditor": ("Auditor", "Auditor"),
    "console.role.unit_admin": ("Pengelola unit kerja", "Unit administrator"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the console: the key of its name, where it is, who may go there, and where else it goes on."""

    name: str
    address: str
    roles: tuple[str, ...]
    also: str = ""

    def holds(self, path: str) -> int:
        """How much of the path is this part's: the longest of all is where somebody is."""
        return max(len(one) for one in (self.address, self.also, "") if path.startswith(one))


PLACES = (
    Place("rounds", "/console/", ("hr", "viewer", "auditor", "unit_admin")),
    Place("people", "/console/people", ("hr", "viewer", "unit_admin")),
    Place("questionnaires", "/console/questionnaires", ("hr", "viewer")),
    Place("results", "/console/results/", ("hr", "viewer", "auditor")),
    Place("data", "/console/data", ("hr", "auditor")),
    Place("audit", "/console/audit", ("hr", "auditor"), also="/console/results/audit"),
    Place("accounts", "/console/accounts", ("hr", "auditor")),
)


def serve(app: Flask, *blueprints: Blueprint, reads: Mapping[str, str]) -> None:
    """Register console blueprints: every unsafe request of theirs must carry the token of its form.

    ``reads`` names by endpoint the action that looking at a page is in the audit trail.
    """
    install(app, TEXTS)
    install(app, trail.TEXTS)
    # No time limit: a form left open over lunch still works, it ends with the session. No Referer check under
    # https: our own Referrer-Policy keeps browsers from sending one.
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    csrf = CSRFProtect(app)
    ours = {blueprint.name for blueprint in blueprints}
    app.context_processor(_surroundings)
    app.before_request(lambda: csrf.protect() if request.blueprint in ours else None)
    app.after_request(lambda response: _note_reading(app.extensions["cermin"], reads, response))
    app.after_request(lambda response: _remember_language(response) if request.blueprint in ours else response)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)


def _note_reading(context: Context, reads: Mapping[str, str], response: Response) -> Response:
    """Who looked at what: once a day for each person, kind and round. Without the entry the page is not shown."""
    action = reads.get(request.endpoint or "")
    if action is None or "staff" not in g or request.method != "GET" or response.status_code != 200:
        return response
    now = context.clock()
    midnight = now.astimezone(context.settings.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    about = str((request.view_args or {}).get("round_id", action.partition(".")[0]))
    with reading(context.engine) as session:
        told = audit.told(session, midnight, g.staff.id, action, about)
    if not told:
        with transaction(context.engine) as session:
            audit.record_once(session, now, midnight, g.staff.id, action, about)
    return response


def _surroundings() -> dict[str, object]:
    person: Staff | None = g.get("staff")
    places = [place for place in PLACES if person and person.role in place.roles]
    here = max(places, key=lambda place: place.holds(request.path), default=None)
    address = here.address if here and here.holds(request.path) else ""
    return {"person": person, "places": places, "here": address, "here_in": _here_in}


def _here_in(language: str) -> str:
    """This page in the other language; after a form was refused, the page that the form is on."""
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    return f"{request.path}?{urlencode(kept | {'lang': language})}"


def _remember_language(response: Response) -> Response:
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=31536000,
            path=STAFF_PATH,
            secure=cookie_is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response
