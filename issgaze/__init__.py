"""issgaze: a roof camera that brings home a picture of every visible pass of the space station."""

__version__ = "0.1.0"
