"""issgaze web: the status page."""

import argparse

from issgaze.archive.layout import Archive
from issgaze.cli.archiveoption import add_archive
from issgaze.cli.arguments import port_argument
from issgaze.cli.output import Output
from issgaze.cli.standing import standing_archive, standing_settings_of

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
    archive: Archive = standing_archive(arguments)
    if arguments.action == "token":
        from issgaze.web.access import make_token

        token = make_token(archive, new=arguments.new)
        output.line(token)
        output.document({"token": token})
        return 0
    from issgaze.service.installed import import_everything, replaced
    from issgaze.service.watchdog import Watchdog
    from issgaze.web.server import Signs, serve

    watchdog = Watchdog()
    if watchdog.watched:
        # with what it needs of the archive, but not the arrays that pictures are made of
        import_everything("web")
    signs = Signs(ready=watchdog.ready, beat=watchdog.beat, over=replaced())
    held = standing_settings_of(arguments).settings
    host, port = arguments.host or held.page.host, arguments.port or held.page.port
    serve(archive, held, host=host, port=port, log=output.log, signs=signs)
    return 0
