"""Files to articles, and articles to files that read back."""
