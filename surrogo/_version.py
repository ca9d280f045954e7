"""The version, read by the build and by `surrogo.__version__`."""

__version__ = "0.1.0"
