"""Single raters of a running round: what their mail server said, more time, somebody else instead, a link back."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.texts import t
from survey_service.console.forms import Reader, actor, faults_of, here, tell
from survey_service.domain.forecast import after
from survey_service.domain.steps import stepped
from survey_service.tables import LETTER_STATES
from survey_service.usecases import letters, mail_queue, replacing, rounds

RUNNING = ("preparing", "open")


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    one = "/rounds/<uuid:round_id>"
    rule = blueprint.add_url_rule
    rule(f"{one}/mails", view_func=queue, endpoint="mails")
    rule(f"{one}/mails/retry", view_func=retry, methods=["POST"], endpoint="mails_retry")
    rule(f"{one}/slips", view_func=slips, methods=["POST"], endpoint="slips")
    rule(f"{one}/mails/<uuid:letter_id>", view_func=rater, endpoint="rater")
    rule(f"{one}/mails/<uuid:letter_id>/resend", view_func=resend, methods=["POST"], endpoint="rater_resend")
    rule(f"{one}/mails/<uuid:letter_id>/extend", view_func=extend, methods=["POST"], endpoint="rater_extend")
    rule(f"{one}/invitations/<uuid:invitation_id>/replace", view_func=replace, methods=["GET", "POST"])
    rule(f"{one}/invitations/<uuid:invitation_id>/revoke", view_func=revoke, methods=["GET", "POST"])


@staff("hr")
def queue(round_id: UUID) -> Any:
    """The letters of a round by outcome; never who has answered."""
    words = request.args.get("q", "").strip()[:200].replace("\x00", "")
    state = request.args.get("state", "")
    start = max(request.args.get("from", 0, type=int), 0)
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
        found = mail_queue.show(session, round_id, words, state, start)
        paper = letters.unprinted(session, round_id) if row.state in RUNNING else 0
    return render_template(
        "console/mails.html",
        round=row,
        found=found,
        paper=paper,
        values={"q": words, "state": state},
        states=LETTER_STATES,
        start=start,
        page=mail_queue.PAGE,
    )


@staff("hr")
def retry(round_id: UUID) -> Any:
    """Try all refused mails again, at the addresses that people have now."""

    def work(session: Session) -> None:
        count = mail_queue.retry(session, round_id, here().clock(), _today(session, round_id), actor())
        flash(t("mails.retried", count=stepped(count)), "good")

    return _done(work, f"/console/rounds/{round_id}/mails?state=refused")


@staff("hr")
def slips(round_id: UUID) -> Any:
    """Have slips made for everybody without an address of the own."""

    def work(session: Session) -> None:
        count = letters.want_slips(session, round_id, here().clock(), actor())
        flash(t("slips.wanted", count=count, round=round_id), "good")

    return _done(work, f"/console/rounds/{round_id}/mails?state=no_address")


@staff("hr")
def rater(round_id: UUID, letter_id: UUID) -> Any:
    """One rater of a round."""
    return _rater(round_id, letter_id, {}, {})


@staff("hr")
def resend(round_id: UUID, letter_id: UUID) -> Any:
    """Send one rater's links again."""

    def work(session: Session) -> None:
        day = _today(session, round_id)
        mail_queue.resend_one(session, round_id, letter_id, here().clock(), day, actor())
        flash(t("rater.resent"), "good")

    return _done(work, f"/console/rounds/{round_id}/mails/{letter_id}")


@staff("hr")
def extend(round_id: UUID, letter_id: UUID) -> Any:
    """More time for one rater."""
    reader = Reader(request.form)
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
        letter = mail_queue.find(session, round_id, letter_id)
    until = reader.moment("until", row.timezone)
    faults = dict(reader.faults)
    if not faults:
        try:
            with transaction(here().engine) as session:
                replacing.extend(session, round_id, letter.rater, until, here().clock(), actor())
            flash(t("extend.done"), "good")
            return redirect(f"/console/rounds/{round_id}/mails/{letter_id}", 303)
        except Refused as refusal:
            faults = faults_of(refusal, {"form": "until"})
    return _rater(round_id, letter_id, request.form, faults), 422


@staff("hr")
def replace(round_id: UUID, invitation_id: UUID) -> Any:
    """Ask somebody else of the same group."""
    if request.method == "GET":
        return _change("replace", round_id, invitation_id, {}, {})
    settings = here().settings
    try:
        with transaction(here().engine) as session:
            replacing.replace(
                session,
                round_id,
                invitation_id,
                request.form.get("rater", "").split(" ")[0],
                here().clock(),
                actor(),
                public_url=settings.public_url,
                service_secrets=settings.service_secrets,
            )
    except Refused as refusal:
        faults = faults_of(refusal, {"form": "rater"})
        status = 409 if refusal.kind == "conflict" else 422
        return _change("replace", round_id, invitation_id, request.form, faults), status
    flash(t("replace.done"), "good")
    return redirect(f"/console/rounds/{round_id}/mails", 303)


@staff("hr")
def revoke(round_id: UUID, invitation_id: UUID) -> Any:
    """Take a link back, after one more question."""
    if request.method == "GET":
        return _change("revoke", round_id, invitation_id, {}, {})

    def work(session: Session) -> None:
        replacing.revoke(session, round_id, invitation_id, here().clock(), actor())
        flash(t("revoke.done"), "good")

    return _done(work, f"/console/rounds/{round_id}/mails")


def _rater(round_id: UUID, letter_id: UUID, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
        letter = mail_queue.find(session, round_id, letter_id)
        asked = replacing.of_letter(session, letter_id)
    return render_template(
        "console/rater.html", round=row, letter=letter, asked=asked, values=values, errors=errors, running=RUNNING
    )


def _change(
    act: str, round_id: UUID, invitation_id: UUID, values: Mapping[str, str], errors: Mapping[str, str]
) -> str:
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
        one = replacing.find(session, round_id, invitation_id)
        counts = replacing.invited(session, round_id, one.ratee)
        people = replacing.candidates(session, one) if act == "replace" else []
        name = replacing.name_of(session, one.rater)
    less = counts | ({one.relation: counts.get(one.relation, 1) - 1} if act == "revoke" else {})
    return render_template(
        f"console/{act}.html",
        round=row,
        one=one,
        rater=name,
        candidates=people,
        before=after(counts, row.threshold),
        then=after(less, row.threshold),
        values=values,
        errors=errors,
    )


def _today(session: Session, round_id: UUID) -> Any:
    return here().clock().astimezone(ZoneInfo(rounds.find(session, round_id).timezone)).date()


def _done(work: Callable[[Session], None], onward: str) -> Any:
    try:
        with transaction(here().engine) as session:
            work(session)
    except Refused as refusal:
        tell(refusal)
    return redirect(onward, 303)
