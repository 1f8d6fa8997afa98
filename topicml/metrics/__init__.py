"""Numbers with intervals: measures, the bootstrap, paired tests. Nothing here knows an article or a model."""
