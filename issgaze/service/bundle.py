"""One file to attach to a bug report: everything but secrets and places."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.passfolder import pass_folders
from issgaze.config import Settings, load_settings
from issgaze.errors import ArchiveError, ConfigurationError

# what tells where the roof is, or opens the page; instants of passes and their heights give the
# site away as well, so of the ledger and the reports only what became of each goes out
_HIDDEN = re.compile(
    r"latitude|longitude|height_m|site_name|token|secret|password|horizon|elements_file"
)
_LINES = 400


def write_bundle(
    path: Path, findings: dict[str, Any], configuration: Path | None, archive: Archive | None
) -> None:
    """Write the zip.

    Args:
        path: Where to.
        findings: What doctor prints with --json.
        configuration: The file, None for none.
        archive: Where to look instead of where the configuration says.

    Raises:
        ArchiveError: The disk refuses it.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("doctor.json", json.dumps(_without_places(findings), indent=1))
        if configuration is not None:
            bundle.writestr("issgaze.toml", _redacted(configuration))
        where = archive or Archive(_settings(configuration).archive_path())
        bundle.writestr("outcomes.json", json.dumps(_outcomes(where), indent=1))
        bundle.writestr("reports.json", json.dumps(_reports(where), indent=1))
    write_atomic(path, packed.getvalue())


def _settings(configuration: Path | None) -> Settings:
    try:
        return load_settings(configuration)
    except ConfigurationError:
        return Settings()


def _redacted(configuration: Path) -> str:
    """Return the file with the values of private keys taken out."""
    lines = configuration.read_text(encoding="utf-8", errors="replace").splitlines()
    kept: list[str] = []
    section = ""
    for line in lines[:_LINES]:
        if line.strip().startswith("["):
            section = line.strip()
        key, equals, _ = line.partition("=")
        private = _HIDDEN.search(key) or (section == "[site]" and key.strip() == "name")
        kept.append(f"{key}{equals} <removed>" if equals and private else line)
    # a comment may hold anything
    return "\n".join(line for line in kept if not line.strip().startswith("#")) + "\n"


def _without_places(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: "<removed>" if _HIDDEN.search(str(key)) else _without_places(held)
            for key, held in value.items()
        }
    if isinstance(value, list):
        return [_without_places(item) for item in value]
    # heights and instants of a pass stand in reasons
    return re.sub(r"\d+°|\d\d:\d\d(:\d\d)?", "…", value) if isinstance(value, str) else value


def _outcomes(archive: Archive) -> list[dict[str, Any]]:
    try:
        rows = Ledger(archive.ledger).rows()
    except ArchiveError:
        return []
    return [
        {
            "day": f"{row.rise_utc:%Y-%m-%d}",
            "norad_id": row.norad_id,
            "outcome": row.outcome,
            "reason": _without_places(row.reason),
        }
        for row in rows[-_LINES:]
        if row.outcome is not None
    ]


def _reports(archive: Archive) -> list[dict[str, Any]]:
    """Return of the last reports what has no place in it."""
    kept: list[dict[str, Any]] = []
    for folder in sorted(pass_folders(archive), key=lambda one: one.id)[-5:]:
        report = folder.report() or {}
        frames = report.get("frames") or []
        refused = [frame.get("reason") for frame in frames if not frame.get("used")]
        kept.append(
            {
                "day": folder.id[:8],
                "outcome": report.get("outcome"),
                "resources": report.get("resources"),
                "quality": report.get("quality"),
                "missing": report.get("missing"),
                "refused": _without_places(refused),
                "frames": len(frames),
            }
        )
    return kept
