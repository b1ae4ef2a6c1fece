"""issgaze bench: what this board can do."""

import argparse

from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.output import Output

SUMMARY = "Measure how fast this board digests frames, and with what memory."
EXAMPLE = "issgaze bench"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments; what is measured is always the same."""
    parser.add_argument(
        "--keep", action="store_true", help="keep it in the archive, for the plans of observe"
    )
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Measure, and print a table."""
    from issgaze.archive.pacefile import keep_bench
    from issgaze.service.bench import bench

    output.progress("Digesting frames of every kind...")
    document = bench()
    output.progress_done()
    if arguments.keep:
        keep_bench(archive_of(arguments), document)
    output.document(document)
    output.line(
        f"{document['machine']}, Python {document['python']}, numpy {document['numpy']}, "
        f"{document['threads']} thread(s)"
    )
    output.line()
    output.line("capture  products  ms a frame  x np.maximum  finish s  memory MB  live from")
    for case in document["cases"]:
        output.line(
            f"{case['capture']:8} {case['resolution']:8}  {case['frame_ms']:10.0f}  "
            f"{case['ratio']:12.1f}  {case['finish_s']:8.1f}  {case['memory_mb']:9.0f}  "
            f"{case['shortest_exposure_s']:.2f} s"
        )
    output.line()
    output.line("Live: with exposures from that length on, frames are digested as they come.")
    return 0
