"""The only room that goes out: downloads of public routing data, and nothing that spam points at.

``routes.fetch`` brings one source of ``public_sources`` to disk, found in its ``archive`` where it has a
past. ``download`` makes one file whole with ``patience``; ``exchange`` is one request and its answer.
"""
