"""A file or folder in, predictions out, resumable. NumPy and the standard library; polars for Parquet."""

from topicml.batch.file import predict_file
from topicml.batch.folder import predict_folder
from topicml.batch.rows import BatchOptions, BatchSummary

__all__ = ["BatchOptions", "BatchSummary", "predict_file", "predict_folder"]
