"""Which questionnaires a shipped policy can count: those that ask about exactly its behaviours."""

from collections.abc import Collection

_PP30 = ("orientasi_pelayanan", "komitmen", "inisiatif_kerja", "kerja_sama", "kepemimpinan")
BEHAVIOURS = {
    "dp3": (
        "kesetiaan",
        "prestasi_kerja",
        "tanggung_jawab",
        "ketaatan",
        "kejujuran",
        "kerja_sama",
        "prakarsa",
        "kepemimpinan",
    ),
    "pp46": ("orientasi_pelayanan", "integritas", "komitmen", "disiplin", "kerja_sama", "kepemimpinan"),
    "pp30-360": _PP30,
    "pp30-no-360": _PP30,
    "permen6": (
        "berorientasi_pelayanan",
        "akuntabel",
        "kompeten",
        "harmonis",
        "loyal",
        "adaptif",
        "kolaboratif",
    ),
    "permen8": _PP30,
}
"""Behaviours by policy, as the scoring service has them; of a policy of the agency's own nothing is known here."""


def fits(policy: str, aspects: Collection[str]) -> bool:
    """Whether a policy may count these behaviours; the last word is with the scoring service."""
    return policy not in BEHAVIOURS or set(BEHAVIOURS[policy]) == set(aspects)
