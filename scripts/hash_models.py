"""Writes size and SHA-256 of the models that ship with callmon into models/manifest.toml.

Run it after a model in a folder under models/ was made again:

    python scripts/hash_models.py

Only the `[models.files]` tables of models with a `folder` are written again.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

FILES = "[models.files]\n"

NO_PART = frozenset({".md", ".jsonl"})
"""Model cards, and what a model was trained on."""


def files_table(folder: Path) -> str:
    """The lines of a `[models.files]` table for what lies in the folder."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in NO_PART and not path.name.startswith(".")
    )
    if not files:
        raise SystemExit(f"{folder} holds no model files.")
    return "".join(
        f'"{path.relative_to(folder).as_posix()}" = '
        f'{{ size = {path.stat().st_size}, sha256 = "{sha256_of(path)}" }}\n'
        for path in files
    )


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rewrite(text: str, models: Path) -> str:
    """The manifest's text with the files of all bundled models measured again."""
    head, *entries = re.split(r"(?m)^(?=\[\[models\]\]$)", text)
    written = [head]
    for entry in entries:
        folder = re.search(r'(?m)^folder = "([^"]+)"$', entry)
        if folder is None:
            written.append(entry)
            continue
        facts, _, rest = entry.partition(FILES)
        # What follows the table (a blank line, comments) stays.
        after = re.sub(r'\A(".*\n)*', "", rest)
        written.append(facts + FILES + files_table(models / folder[1]) + after)
    return "".join(written)


def main() -> None:
    models = Path(__file__).resolve().parents[1] / "models"
    manifest = models / "manifest.toml"
    old = manifest.read_text(encoding="utf-8")
    new = rewrite(old, models)
    manifest.write_text(new, encoding="utf-8")
    print(f"{manifest} {'was brought up to date' if new != old else 'was right'}.")


if __name__ == "__main__":
    main()
