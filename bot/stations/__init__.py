"""Seeing and steering charging stations."""
