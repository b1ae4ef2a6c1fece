"""issgaze web: the status page."""

import argparse

from issgaze.archive.layout import Archive
from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import port_argument, settings
from issgaze.cli.output import Output

SUMMARY = "Serve the status page (the issgaze-web service)."
EXAMPLE = "issgaze web --host 0.0.0.0 --port 8080"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)
    parser.add_argument("action", nargs="?", choices=["token"], help="show the owner's token")
    parser.add_argument("--new", action="store_true", help="make a new token; the old one ends")
    parser.add_argument("--host", metavar="H", help="address to listen on")
    parser.add_argument("--port", type=port_argument, metavar="P", help="port to listen on")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until stopped."""
    archive: Archive = archive_of(arguments)
    if arguments.action == "token":
        from issgaze.web.access import make_token

        token = make_token(archive, new=arguments.new)
        output.line(token)
        output.document({"token": token})
        return 0
    from issgaze.web.server import serve

    held = settings(arguments)
    page = held.page
    host, port = arguments.host or page.host, arguments.port or page.port
    serve(archive, held, host=host, port=port, log=output.log)
    return 0
