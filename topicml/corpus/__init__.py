"""A corpus in hand: targets, label mapping and review, copies, leaks, folds, splits."""
