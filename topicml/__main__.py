"""``python -m topicml``."""

from topicml.cli.app import main

if __name__ == "__main__":
    main()
