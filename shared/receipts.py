"""``cermin verify-receipt``: whether a receipt is in the list of a closed round, without any connection."""

import re
from collections.abc import Sequence
from pathlib import Path

import click

from shared.sealing import merkle_root

_RECEIPT = re.compile(r"[0-9a-f]{64}")


def read_list(text: str) -> list[bytes]:
    """The hashes of a list as it is downloaded. Raises ``ValueError`` for a line that is none or out of order."""
    found: list[bytes] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not _RECEIPT.fullmatch(line):
            raise ValueError(f"line {number} is no receipt (64 digits 0-9, a-f)")
        found.append(bytes.fromhex(line))
        if len(found) > 1 and found[-2] >= found[-1]:
            raise ValueError(f"line {number} does not come after the line before it")
    return found


def read_receipt(text: str) -> bytes:
    """The receipt in what a rater kept: 64 digits, or a file that begins with them. Raises ``ValueError``."""
    path = Path(text)
    kept = path.read_text(encoding="utf-8", errors="replace") if len(text) < 256 and path.is_file() else text
    receipt = _RECEIPT.search(re.sub(r"\s", "", kept.lower())[:64])
    if receipt is None:
        raise ValueError("this is no receipt (64 digits 0-9, a-f) and no file with one")
    return bytes.fromhex(receipt.group())


def faults(receipt: bytes, hashes: Sequence[bytes], root: str | None) -> list[str]:
    """What is wrong with a receipt, a list and the root that was announced; nothing when all is well."""
    found = [] if receipt in hashes else ["The receipt is not in the list: these answers were not counted."]
    computed = merkle_root(hashes)
    if root is not None and computed != root.lower():
        found.append(f"The list adds up to {computed}, not to the announced root: it was changed.")
    return found


@click.command("verify-receipt")
@click.argument("receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--root", help="The Merkle root that was announced at close (round.closed.v1); 64 digits.")
def verify_receipt(receipt: str, file: Path, root: str | None) -> None:
    """Check that RECEIPT (64 digits, or a file that begins with them) is in the list FILE; needs no connection.

    FILE is the list of a closed round as its page offers it. With --root also check that nobody changed the list.
    """
    try:
        ours = read_receipt(receipt)
        hashes = read_list(file.read_text(encoding="ascii"))
    except (ValueError, OSError) as problem:
        raise click.ClickException(str(problem)) from None
    if wrong := faults(ours, hashes, root):
        raise click.ClickException(" ".join(wrong))
    click.echo(f"The receipt is on line {hashes.index(ours) + 1} of {len(hashes)}.")
    if root is None:
        click.echo(f"The list adds up to {merkle_root(hashes)}: compare that with the root announced at close.")
    else:
        click.echo("The list adds up to the announced root.")
