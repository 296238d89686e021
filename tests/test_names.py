"""Host names as browsers read them, and registered domains as the bundled list says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from depeer.model import pack_address
from depeer.sources.names import (
    LONGEST_NAME,
    hostname,
    read_host,
    registered_domain,
    suffix_list_version,
    suffixes,
)

ADDRESSES = [
    ("192.0.2.1", "192.0.2.1", ("ip-literal",)),
    ("192.0.2.1.", "192.0.2.1", ("ip-literal", "ip-obfuscated")),
    ("3221225985", "192.0.2.1", ("ip-literal", "ip-obfuscated")),
    ("0xc0000201", "192.0.2.1", ("ip-literal", "ip-obfuscated")),
    ("0XC0.0.513", "192.0.2.1", ("ip-literal", "ip-obfuscated")),
    ("0300.0.02.01", "192.0.2.1", ("ip-literal", "ip-obfuscated")),
    ("030000001001", "192.0.2.1", ("ip-literal", "ip-obfuscated")),
    ("192.0.2.0x1", "192.0.2.1", ("ip-literal", "ip-obfuscated")),
    ("１９２.0.2。1", "192.0.2.1", ("fullwidth", "ip-literal", "ip-obfuscated")),
    ("[2001:DB8::1]", "2001:db8::1", ("ip-literal",)),
    ("[::ffff:192.0.2.1]", "192.0.2.1", ("ip-literal",)),
]


@pytest.mark.parametrize(("raw", "name", "flags"), ADDRESSES)
def test_an_address_is_read_in_every_form_that_browsers_take(
    raw: str, name: str, flags: tuple[str, ...]
) -> None:
    host = read_host(raw)
    assert host is not None
    assert (host.name, host.domain, host.address, host.flags) == (name, None, pack_address(name), flags)


NAMES = [
    ("WWW.Example.COM.", "www.example.com", "example.com", ()),
    ("a.b.example.co.uk", "a.b.example.co.uk", "example.co.uk", ()),
    ("bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example", ("idn",)),
    ("ＢÜCHER。example", "xn--bcher-kva.example", "xn--bcher-kva.example", ("idn",)),
    ("ｗｗｗ.ｅｘａｍｐｌｅ.com", "www.example.com", "example.com", ("fullwidth",)),
    ("exam\u00adple.com", "example.com", "example.com", ("fullwidth",)),
    ("☃.example", "xn--n3h.example", "xn--n3h.example", ("idn",)),
    ("xn--n3h.example", "xn--n3h.example", "xn--n3h.example", ("idn",)),
    ("pills..example", "pills.example", "pills.example", ("bad-host",)),
    ("-pills.example", "-pills.example", "-pills.example", ("bad-host",)),
    ("x" * 64 + ".example", "x" * 64 + ".example", "x" * 64 + ".example", ("bad-host",)),
    ("mail_7.pills.example", "mail_7.pills.example", "pills.example", ()),
    ("localhost", "localhost", None, ()),
]


@pytest.mark.parametrize(("raw", "name", "domain", "flags"), NAMES)
def test_a_name_is_read_as_resolvers_would_be_asked(
    raw: str, name: str, domain: str | None, flags: tuple[str, ...]
) -> None:
    assert read_host(raw) == (name, domain, None, flags)


NO_NAMES = [
    "", ".", "...", "a b", "a/b", "x" * 254, "256.0.0.1", "1.2.3.4.5", "pills.7", "4294967296", "0x1g.0x",
    "[::1", "[x]", "[fe80::1%25eth0]", "09.1.1.1", "a\0b", "é" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("raw", NO_NAMES)
def test_what_no_resolver_could_be_asked_is_none(raw: str) -> None:
    assert hostname(raw) is None


@given(st.text() | st.from_regex(r"[0-9a-fx.:\[\]%。-]{1,30}"))
def test_reading_never_raises_and_is_stable(raw: str) -> None:
    host = read_host(raw)
    if host is None:
        return
    assert host.name
    assert host.name.isascii()
    assert len(host.name) <= LONGEST_NAME
    again = read_host(f"[{host.name}]" if ":" in host.name else host.name)
    assert again is not None
    assert (again.name, again.domain, again.address) == host[:3]
    assert not (host.address and host.domain)


def test_domains_agree_with_the_reference_reader_on_every_rule() -> None:
    """All rules of the list, below each up to three labels more. Where we differ, it is by intent:
    the bare name of a company's suffix (blogspot.com) is a domain that the company registered."""
    reference = PublicSuffixList()
    rules = sorted(suffixes().exact | suffixes().exceptions)
    assert len(rules) > 5000
    for rule in rules:
        for prefix in ("", "a.", "b.a.", "c.b.a."):
            ours, theirs = registered_domain(prefix + rule), reference.privatesuffix(prefix + rule)
            assert ours == theirs or (theirs is None and rule not in suffixes().icann), prefix + rule


def test_the_bare_name_of_a_company_suffix_is_a_domain() -> None:
    assert registered_domain("blogspot.com") == "blogspot.com"
    assert registered_domain("x.blogspot.com") == "x.blogspot.com"
    assert registered_domain("kobe.jp") is None
    assert registered_domain("x.city.kobe.jp") == "city.kobe.jp"


def test_the_list_names_its_version() -> None:
    assert suffix_list_version()[:4].isdigit()
