"""What anybody may know, with or without a link: what is stored and promised, and the receipts of closed rounds."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request

from shared.database import reading
from shared.errors import Refused
from shared.service import PACKAGES, Context
from shared.stored import statement
from shared.web import problems
from shared.web.access import open_to_all
from shared.web.problems import STATUS
from survey_service.respond import screens
from survey_service.usecases import receipts

knowing = Blueprint("knowing", __name__, template_folder="templates")
A_DAY = "public, max-age=86400"


@knowing.get("/s/promise")
@open_to_all
def promise() -> str:
    """What is stored, who can see what, and what is not promised."""
    separated = _context().settings.separated
    return render_template("respond/promise.html", separated=separated, stored=statement(), services=PACKAGES)


@knowing.get("/s/receipts/<uuid:round_id>")
@open_to_all
def receipt_page(round_id: UUID) -> Any:
    """Where a rater looks for a receipt: the browser searches the list, the receipt itself is sent to nobody."""
    return render_template("respond/receipts.html", round_id=round_id, found=_published(round_id))


@knowing.get("/s/receipts/<uuid:round_id>.txt")
@open_to_all
def receipt_list(round_id: UUID) -> Any:
    """All receipts of a closed round, one a line, ascending. It never changes, so anybody may keep a copy."""
    found = _published(round_id)
    response = Response("".join(f"{one}\n" for one in found.hashes), content_type="text/plain; charset=us-ascii")
    response.headers["Content-Disposition"] = f'attachment; filename="cermin-receipts-{round_id}.txt"'
    response.headers["Cache-Control"] = A_DAY
    response.set_etag(found.root)
    return response.make_conditional(request)


@knowing.errorhandler(Refused)
def refused(error: Refused) -> Any:
    """A round without a list: not closed yet, cancelled or unknown."""
    if error.code != "no_receipts":
        return problems.refused(error)
    return screens.dead_end(error.code, _context().settings.contact), STATUS[error.kind]


def _published(round_id: UUID) -> receipts.Receipts:
    with reading(_context().engine) as session:
        return receipts.published(session, round_id)


def _context() -> Context:
    found: Context = current_app.extensions["cermin"]
    return found
