"""Judging: facts in, verdict out."""
