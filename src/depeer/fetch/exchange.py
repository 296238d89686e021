"""One HTTP request and its answer: http and https only, few redirects, proxies as the environment says.

The one place in the project that opens connections. Errors are sorted by what the caller can do:
``TryAgain`` for what may pass (no connection, a timeout, 408, 425, 429, 5xx), ``Stop`` for what will not.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

import depeer
from depeer.errors import NotFound, Stop, TryAgain
from depeer.fetch.patience import Busy

AGENT = f"depeer/{depeer.__version__}"
_MOST_REDIRECTS = 5
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class Unsatisfiable(TryAgain):
    """416: what is on disk is not part of what the server has; start from the beginning."""


class _Redirects(HTTPRedirectHandler):
    max_redirections = _MOST_REDIRECTS
    max_repeats = 2

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise Stop(f"{req.full_url} redirects to an address without TLS; nothing was fetched from there.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextmanager
def get(url: str, headers: Mapping[str, str], timeout: float) -> Iterator[http.client.HTTPResponse]:
    """The answer (200 or 206), open for reading; errors while it is read are sorted as well."""
    _check(url)
    request = Request(url, headers={"User-Agent": AGENT, "Accept-Encoding": "identity", **headers})  # noqa: S310
    try:
        with _opener().open(request, timeout=timeout) as answer:
            yield answer
    except HTTPError as error:
        raise _sorted(url, error) from error
    except URLError as error:
        raise TryAgain(f"{url} cannot be reached ({error.reason}); try again later.") from error
    except (OSError, http.client.HTTPException) as error:
        raise TryAgain(f"The connection to {url} broke ({type(error).__name__}); try again later.") from error


def _opener() -> OpenerDirector:
    # No handlers for file: or ftp:, so neither can be reached through a redirect.
    opener = OpenerDirector()
    for kind in (
        ProxyHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        _Redirects,
        HTTPErrorProcessor,
    ):
        opener.add_handler(kind())
    return opener


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Stop(f"{url!r} is no http or https address; check the base of the source.")


def _sorted(url: str, error: HTTPError) -> Exception:
    code = error.code
    error.close()
    if code in (404, 410):
        return NotFound(f"{url} does not exist ({code}); choose another day or source.")
    if code == 416:
        return Unsatisfiable(f"{url} has changed since the download began; try again.")
    if code in _PASSING:
        return Busy(f"{url} is busy ({code}); try again later.", error.headers.get("Retry-After"))
    if 300 <= code < 400:
        return Stop(
            f"{url} redirects without end or to where it may not; tell whoever runs it, or use another base."
        )
    return Stop(f"{url} was refused with status {code}; check the address and your access.")
