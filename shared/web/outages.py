"""When the database or the disk cannot work now: say so plainly, and lose nothing of what was typed.

Whoever sent a form gets it back as a page with one button that sends the same again: that works without
JavaScript. Passwords and files are never in it; then the page says to go back instead.
"""

from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from shared.web.texts import t

CODE = "not_now"
DETAIL = "The system cannot work at this moment. Nothing of this request was kept: send it again a little later."
LONGEST = 256 * 1024
"""Signs of a form that is sent along in a page."""
_AGAIN = {503: "10", 429: "900"}
"""After how many seconds to try again, by status."""


def page() -> str:
    """The page for a request that could not be worked on now."""
    form = _form() if request.method == "POST" else []
    kind = "look" if request.method == "GET" else "sent" if form else "typed"
    title, text = t(f"outage.{kind}"), t(f"outage.{kind}.text")
    return render_template("not_now.html", title=title, text=text, form=form, kind=kind, code=CODE)


def _form() -> list[tuple[str, str]]:
    """The fields of the form that was sent, empty when it cannot be sent again from a page."""
    try:
        fields = list(request.form.items(multi=True))
        files = any(file.filename for file in request.files.values())
    except (HTTPException, OSError):
        return []
    secret = any("password" in name for name, _ in fields)
    too_long = sum(len(name) + len(value) for name, value in fields) > LONGEST
    return [] if files or secret or too_long else fields


def say_when(response: Response) -> Response:
    """Add ``Retry-After`` to every answer that asks for patience."""
    if response.status_code in _AGAIN:
        response.headers.setdefault("Retry-After", _AGAIN[response.status_code])
    return response
