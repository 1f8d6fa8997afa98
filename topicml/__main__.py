"""The ``topicml`` command, also as ``python -m topicml``."""

from topicml.cli.signals import end_at_once


def main() -> None:
    """Load the command line and run it; while it is loaded a signal ends it in one line, too."""
    end_at_once()
    from topicml.cli.app import main as run  # noqa: PLC0415  (after signals have their line)

    run()


if __name__ == "__main__":
    main()
