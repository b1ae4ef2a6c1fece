"""report.html: the report of a pass for people, beside its picture."""

from typing import Any

from issgaze.errors import PropagationError
from issgaze.orbit.brightness import STANDARD_MAGNITUDE_ISS
from issgaze.picture.reportpage import report_page
from issgaze.picture.skychart import sky_chart_svg
from issgaze.service.developjob import DevelopJob
from issgaze.service.passchart import pass_chart
from issgaze.service.products import Products


def write_page(report: dict[str, Any], job: DevelopJob, products: Products) -> None:
    """Write the page of a report.

    Raises:
        ArchiveError: The disk refuses it.
    """
    page = report_page(report, job.languages[0], job.zone, chart_svg=_chart(job))
    products.file("report.html", page.encode())


def _chart(job: DevelopJob) -> str:
    """Return the chart of the sky with the track; nothing where the pass is not known."""
    if job.iss_pass is None or job.elements is None or job.site is None:
        return ""
    try:
        chart = pass_chart(
            job.iss_pass,
            elements=job.elements,
            site=job.site,
            zone=job.zone,
            standard_magnitude=STANDARD_MAGNITUDE_ISS,
        )
    except PropagationError:
        return ""
    return sky_chart_svg(chart, standalone=False)
