"""How fast, small and right topicml is beside what a user would pick otherwise. See README.md."""
