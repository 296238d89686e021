"""Fuzz targets, run by hand."""
