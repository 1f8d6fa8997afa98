"""The recipe: vocabulary, selection, fit, calibration, decision rule, search, record, card."""
