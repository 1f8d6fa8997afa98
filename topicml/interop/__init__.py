"""Other tools: the scikit-learn estimator, the pipeline, ONNX."""
