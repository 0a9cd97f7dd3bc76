"""What the survey service stores. It knows who was asked and whether they answered; it cannot read an answer.

Nothing a rater touches carries a growing number or a time. ``box`` holds every sealed ballot of one ratee and
relation in a single row, sorted by hash; all its rows are written empty at launch.
"""

import sqlalchemy as sa

from shared.database import Json, UTCDateTime, metadata
from survey_service.domain.people import EMPLOYMENT, SUPERVISOR_KINDS, TIERS

SURVEY = metadata()

ROUND_STATES = (
    "draft",
    "preparing",
    "open",
    "closed",
    "counted",
    "scored",
    "released",
    "final",
    "archived",
    "cancelled",
)
INVITATION_STATES = ("pending", "answered", "declined", "wrong_relation", "revoked")
LETTER_STATES = ("waiting", "requested", "accepted", "refused", "no_address")
TASK_KINDS = ("check", "import", "launch")
TASK_STATES = ("waiting", "running", "done", "refused", "failed")
LETTER_KINDS = ("invitation", "reminder", "resend", "extended", "slip")


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


unit = sa.Table(
    "unit",
    SURVEY,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column(
        "parent", sa.String(200), sa.ForeignKey("unit.name", deferrable=True, initially="DEFERRED"), index=True
    ),
)

person = sa.Table(
    "person",
    SURVEY,
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("email", sa.String(254)),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("unit", sa.String(200), sa.ForeignKey("unit.name"), nullable=False, index=True),
    sa.Column("post", sa.String(200), nullable=False),
    sa.Column("tier", _choice("tier", TIERS), nullable=False),
    sa.Column("leads", sa.Boolean, nullable=False),
    sa.Column("employment", _choice("employment", EMPLOYMENT), nullable=False),
    sa.Column(
        "supervisor",
        sa.String(64),
        sa.ForeignKey("person.number", deferrable=True, initially="DEFERRED"),
        index=True,
    ),
    sa.Column("supervisor_kind", _choice("supervisor_kind", SUPERVISOR_KINDS)),
    sa.Column("outside", sa.Boolean, nullable=False),
    sa.Column("excluded", sa.String(200)),
)
"""``number`` is the employee number (NIP, 18 digits as text) or the key of somebody outside the agency;
``excluded`` is the reason why the person takes no part in this period (study leave), null for everybody else."""

questionnaire = sa.Table(
    "questionnaire",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False),
    sa.Column("finished", sa.Boolean, nullable=False),
    sa.UniqueConstraint("code", "version"),
)

round_ = sa.Table(
    "round",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("state", _choice("state", ROUND_STATES), nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("period_end", sa.Date, nullable=False),
    sa.Column("opens_at", UTCDateTime, nullable=False),
    sa.Column("closes_at", UTCDateTime, nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("questionnaire_id", sa.Uuid, sa.ForeignKey("questionnaire.id"), nullable=False),
    sa.Column("policy", sa.String(64), nullable=False),
    sa.Column("threshold", sa.Integer, nullable=False),
    sa.Column("groups", Json, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("authority", sa.String(300), nullable=False),
    sa.Column("contact", sa.String(300), nullable=False),
    sa.Column("schedule", Json, nullable=False),
    sa.Column("messages", Json, nullable=False),
    sa.Column("reminded_until", UTCDateTime),
    sa.Column("launched_at", UTCDateTime),
    sa.Column("public_key", sa.LargeBinary(65)),
    sa.Column("fingerprint", sa.String(64)),
    sa.Column("merkle_root", sa.String(64)),
    sa.Column("counted", sa.Integer),
    sa.Column("refused", sa.Integer),
    sa.Column("handed_over_to", sa.String(64), nullable=False, server_default=""),
    sa.Column("ahead", sa.String(16)),
    sa.Column("swept", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""``groups`` says per relation how many raters: ``{"peer": {"minimum": 3, "target": 5, "maximum": 8}, …}``;
``schedule`` and ``messages`` are those of the domain; ``reminded_until`` is the last moment of the schedule that
was acted upon; ``revision`` grows with every edit, so that two people do not overwrite each other;
``handed_over_to`` is the last ratee whose boxes left after close (all of them when ``merkle_root`` is there);
``ahead``: how far scoring says it is (scored, released, final), which may arrive before the count;
``swept``: the freed pages of its boxes are gone from the files too."""

ratee = sa.Table(
    "ratee",
    SURVEY,
    sa.Column("round_id", sa.Uuid, sa.ForeignKey("round.id"), primary_key=True),
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("post", sa.String(200), nullable=False),
    sa.Column("unit", sa.String(200), nullable=False),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("leadership", sa.Boolean, nullable=False),
    sa.Column("superior", sa.String(64)),
)
"""Who is assessed, as they were at launch; ``superior`` is the supervisor's supervisor, who decides objections."""

letter = sa.Table(
    "letter",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("round_id", sa.Uuid, sa.ForeignKey("round.id"), nullable=False),
    sa.Column("rater", sa.String(64), nullable=False),
    sa.Column("unit", sa.String(200), nullable=False),
    sa.Column("state", _choice("letter_state", LETTER_STATES), nullable=False),
    sa.Column("reason", sa.String(32)),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("fingerprint", sa.String(64)),
    sa.Column("wanted", _choice("letter_kind", LETTER_KINDS), index=True),
    sa.Column("requests", sa.Integer, nullable=False, server_default="0"),
    sa.Column("requested_on", sa.Date),
    sa.Column("token_digest", sa.LargeBinary(32), unique=True),
    sa.Index("ix_letter_round_rater", "round_id", "rater"),
)
"""One letter per rater and round, and one more for each ratee that a rater takes over from
somebody else; ``sealed`` opens only with the notifier's key and goes when nothing is pending.

``wanted`` is the kind of mail that shall go out next (null: none), ``reason`` why one was refused or needs paper;
``requests`` numbers the mails asked for, so that a repeated request is a repeated event; ``token_digest`` is that
of the link to the list of all its ratees, where there are several."""

_MORE_TIME = sa.text("extended_to IS NOT NULL")
invitation = sa.Table(
    "invitation",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("round_id", sa.Uuid, nullable=False),
    sa.Column("ratee", sa.String(64), nullable=False),
    sa.Column("rater", sa.String(64), nullable=False),
    sa.Column("relation", sa.String(16), nullable=False),
    sa.Column("letter_id", sa.Uuid, sa.ForeignKey("letter.id"), nullable=False, index=True),
    sa.Column("token_digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("state", _choice("invitation_state", INVITATION_STATES), nullable=False),
    sa.Column("reason", sa.String(64)),
    sa.Column("extended_to", UTCDateTime),
    sa.ForeignKeyConstraint(["round_id", "ratee"], ["ratee.round_id", "ratee.number"]),
    sa.UniqueConstraint("round_id", "ratee", "rater"),
    sa.Index("ix_invitation_extended", "round_id", postgresql_where=_MORE_TIME, sqlite_where=_MORE_TIME),
    postgresql_with={"fillfactor": 85},
)
"""Who was asked about whom. ``reason`` is that of a decline or a reported wrong relationship (a fixed word).

No index has ``state``, and pages have room: an answer then rewrites the row where it stands and no index.
"""

IN_THE_ROW = {"toast_tuple_target": 8160}
"""Sealed bytes cannot be compressed and are always rewritten as a whole: PostgreSQL need not cut them up."""

box = sa.Table(
    "box",
    SURVEY,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("relation", sa.String(16), primary_key=True),
    sa.Column("ballots", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["round_id", "ratee"], ["ratee.round_id", "ratee.number"]),
    postgresql_with=IN_THE_ROW,
)
"""``ballots``: sealed ballots of one fixed length each, one after another, sorted by their SHA-256."""

draft = sa.Table(
    "draft",
    SURVEY,
    sa.Column("round_id", sa.Uuid, sa.ForeignKey("round.id"), primary_key=True),
    sa.Column("upto", sa.LargeBinary(32), primary_key=True),
    sa.Column("held", sa.LargeBinary, nullable=False),
    postgresql_with=IN_THE_ROW,
)
"""``held``: digests of links with what is kept for each, one after another, sorted by digest; a draft that only a
browser with the link can read, or noise of the same length. ``upto``: the largest digest that belongs here."""

receipt_list = sa.Table(
    "receipt_list",
    SURVEY,
    sa.Column("round_id", sa.Uuid, sa.ForeignKey("round.id"), primary_key=True),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)
"""``hashes``: SHA-256 of every ballot of a closed round, 32 bytes each, sorted over the whole round, so that none
can be told to belong to a ratee. Public; it stays when the ballots are deleted."""

progress = sa.Table(
    "progress",
    SURVEY,
    sa.Column("round_id", sa.Uuid, sa.ForeignKey("round.id"), primary_key=True),
    sa.Column("unit", sa.String(200), primary_key=True),
    sa.Column("relation", sa.String(16), primary_key=True),
    sa.Column("invited", sa.Integer, nullable=False),
    sa.Column("answered", sa.Integer, nullable=False),
    sa.Column("declined", sa.Integer, nullable=False),
    sa.Column("as_of", UTCDateTime, nullable=False),
)
"""What HR sees of an open round: recounted on a schedule, shown in steps, never the live state."""

presence = sa.Table(
    "presence",
    SURVEY,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seen_at", UTCDateTime, nullable=False),
)
"""One row: when the jobs of the service last ran, to the minute."""

outage = sa.Table(
    "outage",
    SURVEY,
    sa.Column("round_id", sa.Uuid, sa.ForeignKey("round.id"), primary_key=True),
    sa.Column("began_at", UTCDateTime, primary_key=True),
    sa.Column("ended_at", UTCDateTime, nullable=False),
    sa.Column("answer", sa.String(16)),
)
"""When the service was away near the end of a round; ``answer``: extended, dismissed, or null while HR decides."""

resend_wish = sa.Table("resend_wish", SURVEY, sa.Column("address", sa.String(254), primary_key=True))
"""Addresses, known or not, for which somebody asked for the links again; they go within seconds."""

notifier_key = sa.Table(
    "notifier_key",
    SURVEY,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("public_key", sa.LargeBinary(65), nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
)

account = sa.Table(
    "account",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("login", sa.String(200), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(32), nullable=False),
    sa.Column("unit", sa.String(200)),
    sa.Column("password", sa.String(200), nullable=False),
    sa.Column("temporary", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("disabled", sa.Boolean, nullable=False),
)
"""``temporary``: somebody else chose the password, so it opens nothing but the page where another is chosen."""

staff_session = sa.Table(
    "staff_session",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("begun_at", UTCDateTime, nullable=False),
    sa.Column("expires_at", UTCDateTime, nullable=False),
    sa.Column("browser", sa.String(100), nullable=False),
)
"""Who is signed in. ``browser`` is a few words such as "Firefox, Windows", so that a stranger's sign-in is seen."""

guess = sa.Table(
    "guess",
    SURVEY,
    sa.Column("key", sa.LargeBinary(32), primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("since", UTCDateTime, nullable=False),
)
"""Tries to sign in: ``key`` is an HMAC of what is counted (account, address, both), never the thing itself."""

upload = sa.Table(
    "upload",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("kept_until", UTCDateTime, nullable=False),
    sa.Column("difference", Json),
)
"""A file between its dry run and the confirmation; gone once imported, at the latest after an hour."""

task = sa.Table(
    "task",
    SURVEY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", _choice("task_kind", TASK_KINDS), nullable=False),
    sa.Column("about", sa.Uuid, nullable=False, index=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("options", Json, nullable=False),
    sa.Column("state", _choice("task_state", TASK_STATES), nullable=False),
    sa.Column("slot", sa.String(64), unique=True),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("result", Json),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("asked_at", UTCDateTime, nullable=False),
    sa.Column("leased_until", UTCDateTime),
    sa.Column("finished_at", UTCDateTime),
)
"""Long work that staff asked for. ``about`` is an upload or a round; ``slot`` keeps the same from being asked for
twice and is empty once it is over; ``result`` holds counts or the code of a refusal, nothing about a person."""
