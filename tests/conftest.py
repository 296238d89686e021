"""Shared by all tests: where the real data lies, and how hypothesis runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("depeer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("depeer")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data (never part of the project), or a skip with the reason."""
    path = Path(os.environ.get("DEPEER_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no real data at {path}; set DEPEER_DATA to run this test")
    return path
