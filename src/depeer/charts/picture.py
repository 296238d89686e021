"""A chart spec as SVG or PNG, by vl-convert: no browser, no network, nothing read from disk.

Every string of the spec is cleaned first: a control character that reaches the renderer's XML parser
aborts the whole process (measured with vl-convert 1.9.0), and a spec holds names chosen by strangers.
"""

from __future__ import annotations

from typing import Any

from depeer.charts.clean import clean

Spec = dict[str, Any]
"""A Vega-Lite specification as JSON-like values."""


def to_svg(spec: Spec) -> str:
    """One ``<svg>`` element, text escaped; the same spec gives the same bytes.

    Raises ValueError for a spec that is not valid Vega-Lite or that asks for outside data.
    """
    import vl_convert

    return vl_convert.vegalite_to_svg(vl_spec=_cleaned(spec), allowed_base_urls=[])


def to_png(spec: Spec, scale: float = 2.0) -> bytes:
    """A PNG on white, ``scale`` pixels to a CSS pixel. Raises as ``to_svg`` does."""
    import vl_convert

    on_white = {**_cleaned(spec), "background": "white"}
    return vl_convert.vegalite_to_png(vl_spec=on_white, scale=scale, allowed_base_urls=[])


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, longest=1000)
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value
