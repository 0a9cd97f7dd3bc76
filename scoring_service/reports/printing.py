"""A report as tagged PDF (PDF/UA-1), of the same template as the page, by WeasyPrint where it is installed.

Nothing is fetched: style sheets and radar are handed over, and every other address stops the rendering.
"""

from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from flask import Response, current_app, render_template

from scoring_service.reports.drawing import drawn, svg
from scoring_service.usecases.reports import Report
from shared.errors import Refused

PATIENCE = 20.0
"""Seconds that a request waits for its turn."""
_turn = Lock()
"""One rendering at a time and process: it takes a second of CPU and tens of megabytes."""


def offered() -> bool:
    """Whether the package is there; the library of the system behind it may still be missing."""
    return find_spec("weasyprint") is not None


def paper(report: Report, html: str) -> Response:
    """The PDF of a report whose page, on paper, is ``html``.

    Raises ``Refused`` (busy): ``pdf_missing`` where WeasyPrint or Pango is not installed, ``pdf_busy``.
    """
    files = {
        "report:cermin.css": (Path(str(current_app.static_folder), "cermin.css").read_bytes(), "text/css"),
        "report:report.css": (Path(__file__).with_name("static").joinpath("report.css").read_bytes(), "text/css"),
    }
    if drawn(report):
        files["report:radar.svg"] = (svg(report).encode(), "image/svg+xml")
    response = Response(rendered(html, files), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename="laporan-perilaku-kerja.pdf")
    return response


def sheet(**words: object) -> str:
    """The page of a report in the frame of a sheet of paper."""
    return render_template("reports/report.html", frame="reports/paper.html", radar="report:radar.svg", **words)


def rendered(html: str, files: dict[str, tuple[bytes, str]]) -> bytes:
    """The tagged PDF of a page that uses nothing but ``files``: content and type by address."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except (ImportError, OSError) as error:
        detail = "This server cannot make a PDF: print the report from your browser."
        raise Refused("busy", "pdf_missing", detail) from error

    class Handed(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> object:
            body, kind = files[url]
            return URLFetcherResponse(url, body, {"Content-Type": kind})

    if not _turn.acquire(timeout=PATIENCE):
        raise Refused("busy", "pdf_busy", "Many reports are being printed at this moment: try again in a minute.")
    try:
        page = HTML(string=html, base_url="report:", url_fetcher=Handed(fail_on_errors=True))
        made: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    finally:
        _turn.release()
    return made
