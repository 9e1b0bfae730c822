"""What the portal's papers say: each paper as a tree of blocks, made from what `reports/queries.py` has read."""

from .analysis import analysis

__all__ = ["analysis"]
