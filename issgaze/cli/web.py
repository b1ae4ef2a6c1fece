"""issgaze web: the status page."""

import argparse

from issgaze.archive.layout import Archive
from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import settings, whole_positive
from issgaze.cli.output import Output

SUMMARY = "Serve the status page (the issgaze-web service)."
EXAMPLE = "issgaze web --host 0.0.0.0 --port 8080"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)
    parser.add_argument("--host", metavar="H", help="address to listen on")
    parser.add_argument("--port", type=whole_positive, metavar="P", help="port to listen on")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until stopped."""
    from issgaze.web.server import serve

    page = settings(arguments).page
    archive: Archive = archive_of(arguments)
    host, port = arguments.host or page.host, arguments.port or page.port
    serve(archive, host=host, port=port, log=output.log)
    return 0
