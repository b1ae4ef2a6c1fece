"""All passes of the next ten days: those that can be seen, and why the others cannot."""

from issgaze.web.passlines import ahead, line
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.visit import Visit

KINDS = ("all", "visible", "shoot")


def passes_page(readings: Readings, visit: Visit, *, kind: str) -> str:
    """Return the list of a kind, one of KINDS."""
    _ = visit.words
    items = ahead(readings.predictions(guest=not visit.owner), visit)
    chosen = {
        "all": items,
        "visible": [item for item in items if item["visible"]],
        "shoot": [item for item in items if item["verdict"] == "shoot"],
    }
    labels = {"all": _("All"), "visible": _("Visible"), "shoot": _("Will be shot")}
    return render(
        "passes.html",
        visit,
        headline=_(
            "{count} passes in ten days, {visible} of them visible",
            count=len(items),
            visible=len(chosen["visible"]),
        ),
        filters=[
            (
                "/passes" if name == "all" else f"/passes?kind={name}",
                f"{labels[name]} {len(chosen[name])}",
                name == kind,
            )
            for name in KINDS
        ],
        lines=[line(item, visit) for item in chosen[kind]],
    )
