"""Runs a kernel over many inputs on all cores, results in order, with a bounded number under way."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from depeer.errors import Stop

Input = TypeVar("Input")
Result = TypeVar("Result")

_AHEAD = 2
"""Inputs under way for each worker: enough to keep it busy, few enough to keep memory flat."""


class Pool:
    """Worker processes for kernels. Make it before locks are taken and threads started: workers are forked
    where the system can (they share the imported modules) and must not inherit either."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or available_cores()
        self._executor = ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn"),
            initializer=_start_worker,
        )
        for started in [self._executor.submit(time.sleep, 0.01) for _ in range(self.workers)]:
            started.result()

    def map(self, kernel: Callable[[Input], Result], inputs: Iterable[Input]) -> Iterator[Result]:
        """``kernel`` of each input, in order. Raises Stop where a worker was killed (out of memory, usually)."""
        under_way: deque[Future[Result]] = deque()
        try:
            for item in inputs:
                under_way.append(self._executor.submit(kernel, item))
                if len(under_way) >= self.workers * _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool as error:
            raise Stop(
                "a worker process was killed, most likely for want of memory; what is stored is safe: "
                "run the same command again, with fewer workers (--jobs 1) if it happens again"
            ) from error

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, and the parent's fate to be shared.

    Kernels make many small objects and hardly a cycle: the collector need not look at them so often.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    _die_with_parent()


def _die_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
