"""What the scoring service stores. It is never told who rates; of the answers it keeps exact sums, never a row.

A ratee's boxes come in one message and leave three things behind: the hashes of the sealed ballots (to reconcile
the round), how many were refused and why, and one row of sums per folded group.
"""

import sqlalchemy as sa

from shared.database import BigId, Json, UTCDateTime, metadata

SCORING = metadata()

ROUND_STATES = (
    "broken",
    "open",
    "sealing",
    "reconciled",
    "counted",
    "scored",
    "releasing",
    "released",
    "final",
    "cancelled",
)
"""``broken``: the policy cannot be used, no key was made. ``open``: the key is out. ``sealing``: boxes arrive.
``reconciled``: everything is here and agrees with the manifest. ``counted``: the key is destroyed. ``scored``:
provisional scores stand. ``releasing``: scores are being published. ``released``: all of them are, open to
objections. ``final``: the time for objections is over.
``cancelled``: given up; its key is destroyed unused."""
SCORE_STATUSES = ("scored", "held")
CAUSES = ("counted", "assessed", "corrected")
"""Why a version of a score exists: the count, the assessor's late choice, or a superior's decision."""
OBJECTION_STATES = ("open", "dismissed", "upheld")
PURPOSES = ("report", "supervisor", "assessment", "decision")
"""What a link opens: the ratee's own report; the reports of a supervisor's people; the assessor's page; an
objection to decide."""
NOTICE_KINDS = ("report_ready", "assessment_wanted", "objection_to_decide", "objection_decided")
NOTICE_STATES = ("wanted", "requested", "accepted", "permanent", "temporary", "technical", "printed")


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


round_ = sa.Table(
    "round",
    SCORING,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("state", _choice("state", ROUND_STATES), nullable=False, index=True),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("period_end", sa.Date, nullable=False),
    sa.Column("questionnaire", Json, nullable=False),
    sa.Column("threshold", sa.Integer, nullable=False),
    sa.Column("ratees", sa.Integer, nullable=False),
    sa.Column("policy", sa.String(64), nullable=False),
    sa.Column("policy_version", sa.Integer),
    sa.Column("policy_digest", sa.String(64)),
    sa.Column("policy_text", sa.Text),
    sa.Column("salt", sa.LargeBinary(32), nullable=False),
    sa.Column("public_key", sa.LargeBinary(65)),
    sa.Column("fingerprint", sa.String(64)),
    sa.Column("key_destroyed_at", UTCDateTime),
    sa.Column("merkle_root", sa.String(64)),
    sa.Column("counted", sa.Integer),
    sa.Column("refused", sa.Integer),
    sa.Column("released_at", UTCDateTime),
    sa.Column("released_by", sa.String(200)),
    sa.Column("ids_digest", sa.String(64)),
    sa.Column("final_at", UTCDateTime),
    sa.Column("problem", sa.String(64)),
    sa.Column("problem_detail", sa.String(500)),
)
"""Everything that decides a score is frozen at launch, the text of the policy included. ``problem`` is a word for
programs, ``problem_detail`` the sentence for people. ``salt`` keys the digests of the scores' inputs."""

ratee = sa.Table(
    "ratee",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("unit", sa.String(200), nullable=False),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("leadership", sa.Boolean, nullable=False),
    sa.Column("assessor", sa.String(64)),
    sa.Column("assessor_name", sa.String(200)),
    sa.Column("assessor_named", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("superior", sa.String(64)),
    sa.Column("superior_name", sa.String(200)),
    sa.Column("invited", Json, nullable=False),
    sa.Column("stale", sa.Boolean, nullable=False),
    sa.Column("published", sa.Boolean, nullable=False),
    sa.Index("ix_ratee_round_unit", "round_id", "unit", "number"),
    sa.Index("ix_ratee_round_stale", "round_id", "stale"),
    sa.Index("ix_ratee_round_published", "round_id", "published"),
    sa.Index("ix_ratee_round_assessor", "round_id", "assessor"),
)
"""Who is assessed, as of launch; may come before the round itself, so there is no foreign key.

``assessor_named``: the organisation chart names no assessor, the personnel office did. ``stale``: the provisional
score is missing or older than its inputs. ``published``: it left with the release."""

manifest = sa.Table(
    "manifest",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("messages", sa.Integer, nullable=False),
    sa.Column("ballots", sa.Integer, nullable=False),
    sa.Column("merkle_root", sa.String(64), nullable=False),
)
"""What the survey service says it sent; may come before the round and before any box."""

box = sa.Table(
    "box",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("leaves", sa.LargeBinary, nullable=False),
    sa.Column("ballots", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("reasons", Json, nullable=False),
)
"""One row per ratee whose boxes were opened. ``leaves``: SHA-256 of every ballot received, sorted, one after
another; ``reasons``: how many were refused, by reason."""

tally = sa.Table(
    "tally",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("sums", Json, nullable=False),
)
"""Exact sums of a ratee by folded group; a group below the threshold is merged or left out before it gets here."""

moments = sa.Table(
    "moments",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("sums", Json, nullable=False),
)
"""What the statistics of a whole round need, added up over ratees with enough raters; never kept per ratee."""

work_result = sa.Table(
    "work_result",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("value", sa.String(40), nullable=False),
    sa.Column("new_idea", sa.Boolean, nullable=False),
    sa.Column("capped", sa.Boolean, nullable=False),
)
"""``value`` as it was given; ``capped`` says that the policy counts it at its ceiling."""

score = sa.Table(
    "score",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("status", _choice("status", SCORE_STATUSES), nullable=False),
    sa.Column("reason", sa.String(64)),
    sa.Column("behaviour", sa.String(40)),
    sa.Column("total", sa.String(40)),
    sa.Column("predicate", sa.String(64)),
    sa.Column("n_band", sa.String(8)),
    sa.Column("protected", Json, nullable=False),
    sa.Column("cause", _choice("cause", CAUSES), nullable=False, server_default="counted"),
    sa.CheckConstraint(
        "status = 'scored' OR (behaviour IS NULL AND total IS NULL AND predicate IS NULL AND n_band IS NULL)",
        name="held_has_no_number",
    ),
)
"""``protected`` is the table that every exit is made from: pages, files, API and events. ``n_band`` is the band of
peers and subordinates together. Version 1 may be computed again until the release; every later version is
published as it is made, takes the place of the one before, and leaves it as it was."""

assessment = sa.Table(
    "assessment",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("overall", sa.String(64), nullable=False),
    sa.Column("ratings", Json, nullable=False),
    sa.Column("on_paper", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""The categories that an assessor chose, where the policy leaves behaviour to the assessor: per aspect and overall.
Who chose them is in the audit trail; ``on_paper``: with a link that the personnel office had printed."""

receipt = sa.Table(
    "receipt",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("mailed_at", UTCDateTime),
    sa.Column("opened_at", UTCDateTime),
    sa.Column("handed_at", UTCDateTime),
    sa.Column("until", UTCDateTime),
    sa.Index("ix_receipt_round_until", "round_id", "until"),
)
"""One row per published version that may be objected to. ``until`` is null before the report was received; an
objection counts before it. ``handed_at``: the personnel office noted that it was handed over on paper."""

objection = sa.Table(
    "objection",
    SCORING,
    sa.Column("round_id", sa.Uuid, primary_key=True),
    sa.Column("ratee", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", _choice("objection_state", OBJECTION_STATES), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("raised_at", UTCDateTime, nullable=False),
    sa.Column("decider", sa.String(64)),
    sa.Column("decider_name", sa.String(200)),
    sa.Column("decision", sa.Text),
    sa.Column("decided_at", UTCDateTime),
    sa.Column("on_paper", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_objection_round_state", "round_id", "state"),
)
"""A ratee objects once in a round, against ``version``. ``decider`` is the assessor's superior, or whom the
personnel office named where there is none; ``decision`` is the reason that was given, ``on_paper`` whether
with a link that the personnel office had printed."""

notice = sa.Table(
    "notice",
    SCORING,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("round_id", sa.Uuid, nullable=False),
    sa.Column("kind", _choice("notice_kind", NOTICE_KINDS), nullable=False),
    sa.Column("purpose", _choice("purpose", PURPOSES), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),
    sa.Column("ratee", sa.String(64)),
    sa.Column("version", sa.Integer),
    sa.Column("state", _choice("notice_state", NOTICE_STATES), nullable=False, index=True),
    sa.Column("digest", sa.LargeBinary(32), unique=True),
    sa.Column("not_after", UTCDateTime, nullable=False),
    sa.Index("ix_notice_round_person", "round_id", "person"),
    sa.Index("ix_notice_round_ratee", "round_id", "ratee"),
)
"""A link for somebody: wanted, then mailed or printed. ``digest`` is that of the reference in the link, which is
made when the notice leaves and kept nowhere. ``ratee`` is null for a link to all people of a supervisor."""

notifier_key = sa.Table(
    "notifier_key",
    SCORING,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("public_key", sa.LargeBinary(65), nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
)
"""Links are sealed to the notifier: neither the broker nor the survey service can open them."""

feed = sa.Table(
    "feed",
    SCORING,
    sa.Column("position", BigId, primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.String(64), nullable=False, unique=True),
    sa.Column("round_id", sa.Uuid, nullable=False, index=True),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("time", UTCDateTime, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)
"""Every public event of this service in the order in which it became visible; kept for replay."""

feed_head = sa.Table(
    "feed_head",
    SCORING,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("position", BigId, nullable=False),
)
"""The last position given out. Writers queue on this row until they commit, so that a reader who has seen a
position has seen all before it: a sequence would let a late commit slip in behind the reader."""
