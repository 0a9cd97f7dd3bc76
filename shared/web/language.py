"""Which language a request is answered in."""

from flask import current_app, g, request

from shared.config import LANGUAGES

LANGUAGE_COOKIE = "cermin_language"


def language() -> str:
    """The language of this request: ``g.language`` set by a view, ``?lang=``, else what the browser prefers.

    The console remembers a choice in a cookie; pages of raters set none. A browser that prefers none of ours gets
    the language of the agency.
    """
    chosen = g.get("language") or request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    own: str = current_app.extensions["cermin"].settings.language
    return request.accept_languages.best_match(LANGUAGES) or own
