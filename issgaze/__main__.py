"""`python -m issgaze` is the `issgaze` command."""

from issgaze.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
