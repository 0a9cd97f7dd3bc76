"""What the notifier stores: mails to be sent, as sealed letters, and what came of them.

An address, a name or a link is never in clear here; the sealed letter goes when its outcome is known.
"""

import sqlalchemy as sa

from shared.database import Json, UTCDateTime, metadata

NOTIFIER = metadata()

KINDS = (
    "invitation",
    "reminder",
    "extended",
    "resend",
    "trial",
    "report_ready",
    "assessment_wanted",
    "objection_to_decide",
    "objection_decided",
)
STATES = ("waiting", "accepted", "permanent", "temporary", "technical")


def _choice(name: str, values: tuple[str, ...], length: int = 16) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=length)


mail = sa.Table(
    "mail",
    NOTIFIER,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("letter_id", sa.Uuid, nullable=False),
    sa.Column("round_id", sa.Uuid, nullable=False),
    sa.Column("kind", _choice("kind", KINDS, 32), nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("enclosed", sa.LargeBinary),
    sa.Column("address", sa.LargeBinary),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("pending", Json, nullable=False),
    sa.Column("round_name", sa.String(200), nullable=False),
    sa.Column("authority", sa.String(300), nullable=False),
    sa.Column("contact", sa.String(300), nullable=False),
    sa.Column("message", Json, nullable=False),
    sa.Column("asked_at", UTCDateTime, nullable=False),
    sa.Column("closes_at", UTCDateTime, nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("state", _choice("mail_state", STATES), nullable=False),
    sa.Column("status", sa.String(16)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", UTCDateTime, nullable=False),
    sa.Column("leased_until", UTCDateTime),
    sa.Column("finished_on", sa.Date),
    sa.Index("ix_mail_state_due_at", "state", "due_at"),
    sa.Index("ix_mail_finished_on_state", "finished_on", "state"),
)
"""One row per requested mail; ``id`` is the id of the request's event. ``sealed`` (a letter, or the address of a
notice), ``enclosed`` (the link of a notice, sealed by who made it), ``address``
(where a letter goes instead) and ``pending`` go with the outcome. While
a lease lasts, one process has the mail in hand; ``attempts`` counts tries, also one that a crash cut short.
``status`` is the code of the last answer, such as 550 or 5.1.1.
``finished_on`` is set when the survey service is told of the outcome, in batches after the outcome itself."""

slip = sa.Table(
    "slip",
    NOTIFIER,
    sa.Column("letter_id", sa.Uuid, primary_key=True),
    sa.Column("round_id", sa.Uuid, nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("pending", Json, nullable=False),
    sa.Column("round_name", sa.String(200), nullable=False),
    sa.Column("authority", sa.String(300), nullable=False),
    sa.Column("contact", sa.String(300), nullable=False),
    sa.Column("closes_at", UTCDateTime, nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
)
"""Letters that are printed instead of mailed, sealed: opened only while ``cermin slips`` runs. They go when
answering ends, or with their key."""

announced_key = sa.Table(
    "announced_key",
    NOTIFIER,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("retired_at", UTCDateTime),
)
"""Public keys that the survey service has been told of; ``retired_at`` when it said that no letter needs one any
more: the private key goes soon after, as soon as no mail waits for it."""
