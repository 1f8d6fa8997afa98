"""The fitted classifier: text in, labels out; explain, save, load. NumPy and the standard library only."""
