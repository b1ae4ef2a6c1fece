"""The configuration described: the example file, and the table in docs/config.md."""

from typing import Any, Literal, get_args, get_origin, get_type_hints

from issgaze.config import Settings, example_degrees, schema


def example_file() -> str:
    """Return issgaze.example.toml: every setting, commented out, at its default."""
    parts = [
        "# issgaze.toml: every setting with its default. Take the # away to change one.",
        "# `issgaze config check` says whether the file is right; `issgaze config set` edits it.",
    ]
    for section, sentence, fields in schema():
        parts += ["", f"# {sentence}", f"[{section}]"]
        for name, field in fields.items():
            parts.append(f"# {field.metadata['doc']}{_limits(section, name, field)}")
            parts.append(f"# {name} = {_toml(field.default, name)}")
    return "\n".join(parts) + "\n"


def config_page() -> str:
    """Return docs/config.md."""
    parts = [
        "# issgaze.toml",
        "",
        "Written by `make docs` from `issgaze/config.py`. Unknown keys are refused with the",
        "nearest match. `issgaze config check|show|get|set|diff|example` do the rest over SSH.",
    ]
    for section, sentence, fields in schema():
        parts += [
            "",
            f"## [{section}]",
            sentence,
            "",
            "| key | default | meaning |",
            "|---|---|---|",
        ]
        parts += [
            f"| `{name}` | `{_toml(field.default, name)}` "
            f"| {field.metadata['doc']}{_limits(section, name, field)} |"
            for name, field in fields.items()
        ]
    return "\n".join(parts) + "\n"


def _limits(section: str, name: str, field: Any) -> str:
    kind: Any = get_type_hints(Settings)[section]
    hint = get_type_hints(kind)[name]
    if get_origin(hint) is Literal:
        return f" One of {', '.join(get_args(hint))}."
    low, high = field.metadata["low"], field.metadata["high"]
    return "" if low is None else f" From {low:.10g} to {high:.10g}."


def _toml(value: Any, name: str) -> str:
    if value is None:
        return example_degrees(name)
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item, name) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
