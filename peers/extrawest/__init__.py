"""A back end made with PyPI `extrawest-ocpi`, which we did not write."""
