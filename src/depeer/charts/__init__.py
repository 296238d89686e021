"""Every picture: Arrow tables and frozen nouns in, Vega-Lite specs, SVG and one offline page out.

``content`` holds the nouns that describe a report; ``volume_chart`` and ``ranking`` turn them
into chart specs; ``picture`` draws a spec; ``report.render`` puts all of it on one page that needs no network
and runs no script. Strings that come in have passed the disclosure gate; here they are only made
safe to show.
"""
