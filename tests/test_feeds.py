"""Every feed as its publisher writes it (invented entries): which format, which facts, which day."""

# ruff: noqa: E501 - records stand here as their publishers write them

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import BytesIO

import pytest

from depeer.errors import BadInput, BadUsage, SkipRecord
from depeer.model import pack_address
from depeer.sources.feeds import FEEDS, Listing, Resolution, Told, by_format, detect
from depeer.sources.piece import Piece

BANNER = (
    b"################\n# abuse.ch %s #\n# Last updated: 2024-03-05 10:20:30 UTC #\n################\n#\n"
)

FEODO_CSV = BANNER % b"Feodo Tracker Botnet C2 IP Blocklist (CSV)" + (
    b'"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\r\n'
    b'"2024-01-17 07:30:05","192.0.2.1","443","online","2024-03-04","Dridex"\r\n'
    b'"2024-01-17 07:30:05","192.0.2.2","8080","offline","","Emotet"\r\n'
    b"# END 2 entries\r\n"
)
FEODO_OLD = b"# Feodo Tracker\n# Firstseen,DstIP,DstPort,LastOnline,Malware\n2019-01-01 00:00:00,192.0.2.3,443,2019-01-09,Heodo\n"
FEODO_JSON = json.dumps(
    [
        {"ip_address": "192.0.2.1", "port": 443, "status": "online", "hostname": "vps1.example.net",
         "as_number": 64500, "as_name": "EXAMPLE", "country": "ZZ", "first_seen": "2024-01-17 07:44:46",
         "last_online": "2024-01-17", "malware": "Dridex"},
        {"ip_address": "2001:db8::1", "port": 99999, "status": "offline", "hostname": None, "as_number": None,
         "as_name": None, "country": None, "first_seen": "2024-01-17 07:44:46", "last_online": None,
         "malware": "Emotet"},
    ], indent=4).encode()  # fmt: skip
FEODO_TEXT = BANNER % b"Feodo Tracker Botnet C2 IP Blocklist" + b"192.0.2.1\r\n192.0.2.2\r\n# END\r\n"
DROP_TEXT = (
    b"; Spamhaus DROP List 2021/11/03 - (c) 2021 The Spamhaus Project\n; Last-Modified: Wed, 03 Nov 2021 10:56:01 GMT\n"
    b"; Expires: Thu, 04 Nov 2021 12:30:25 GMT\n192.0.2.0/24 ; SBL100001\n198.51.100.0/25 ; SBL100002\n"
)
ASNDROP_TEXT = b"; Spamhaus ASN-DROP List 2021/11/03\nAS64500 ; ZZ | EXAMPLE-AS\nAS64501 ; | \n"
DROP_JSON = (
    b'{"cidr":"192.0.2.0/24","sblid":"SBL100001","rir":"ripencc"}\n'
    b'{"cidr":"2001:db8::/32","sblid":"SBL100002","rir":"arin"}\n'
    b'{"type":"metadata","timestamp":1712345678,"size":2,"records":2,"copyright":"(c)","terms":"2020-01-01"}\n'
)
ASNDROP_JSON = (
    b'{"asn":64500,"rir":"arin","domain":"example.com","cc":"ZZ","asname":"EXAMPLE"}\n'
    b'{"type":"metadata","timestamp":1712345678,"records":1}\n'
)
URLHAUS_CSV = BANNER % b"URLhaus Database Dump (CSV)" + (
    b"# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
    b'"7","2024-03-01 01:02:03","http://192.0.2.9:8080/bin.sh","online","2024-03-04 05:00:00","malware_download",'
    b'"elf,mirai","https://urlhaus.example/url/7/","someone"\n'
    b'"6","2024-03-01 01:02:03","https://dl.example.com/a.exe","offline","","malware_download","None","x","y"\n'
)
URLHAUS_NET = (
    b"# Dateadded (UTC),URL,URL_status,Threat,Host,IPaddress,ASnumber,Country\n"
    b'"2024-03-01 01:02:03","http://dl.example.com/x","online","malware_download","dl.example.com","192.0.2.7","64500","ZZ"\n'
)
URLHAUS_JSON = json.dumps(
    {"7": [{"dateadded": "2024-03-01 01:02:03 UTC", "url": "http://192.0.2.9/bin.sh", "url_status": "online",
            "last_online": "2024-03-02 00:00:00 UTC", "threat": "malware_download", "tags": ["elf", "mirai"]}],
     "6": [{"dateadded": "2024-03-01 01:02:03 UTC", "url": "https://dl.example.com/a", "url_status": "offline",
            "last_online": None, "threat": "malware_download", "tags": None}]}).encode()  # fmt: skip
URLHAUS_TEXT = (
    BANNER % b"URLhaus Plain-Text URL List" + b"http://192.0.2.9/bin.sh\r\nhttps://dl.example.com/a\r\n"
)
THREATFOX_CSV = BANNER % b"ThreatFox IOCs: recent" + (
    b'# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias",'
    b'"malware_printable","last_seen_utc","confidence_level","reference","tags","anonymous","reporter"\n'
    b'"2024-03-01 10:00:00", "11", "192.0.2.5:4443", "ip:port", "botnet_cc", "win.x", "None", "Xbot", "", "100", "", "", "0", "me"\n'
    b'"2024-03-01 10:00:00", "12", "cc.example.org", "domain", "botnet_cc", "win.x", "", "Xbot", "2024-03-02 10:00:00", "75", "", "", "0", "me"\n'
    b'"2024-03-01 10:00:00", "13", "http://dl.example.com/x", "url", "payload_delivery", "win.x", "", "Xbot", "", "75", "", "", "0", "me"\n'
    b'"2024-03-01 10:00:00", "14", "d41d8cd98f00b204e9800998ecf8427e", "md5_hash", "payload", "win.x", "", "Xbot", "", "75", "", "", "0", "me"\n'
)
THREATFOX_JSON = json.dumps(
    {"11": [{"ioc_value": "192.0.2.5:4443", "ioc_type": "ip:port", "threat_type": "botnet_cc", "malware": "win.x",
             "malware_printable": "Xbot", "first_seen_utc": "2024-03-01 10:00:00", "last_seen_utc": None}]}
).encode()  # fmt: skip
THREATFOX_API = json.dumps(
    {"query_status": "ok",
     "data": [{"id": "11", "ioc": "192.0.2.5:4443", "ioc_type": "ip:port", "threat_type": "botnet_cc",
               "malware_printable": "Xbot", "first_seen": "2024-03-01 10:00:00 UTC", "last_seen": None}]}
).encode()  # fmt: skip
SFS_LIST = b"192.0.2.1\n2001:db8::5\n"
SFS_ROWS = b'"192.0.2.1","5","2024-03-01 12:00:00"\n"192.0.2.2","1","2024-03-02 12:00:00"\n'
SFS_RANGE = b"192.0.2.0-192.0.2.255\n198.51.100.0-198.51.100.2\n"
COF = (
    b'{"count":97,"time_first":1298412391,"rrtype":"A","rrname":"Www.Example.COM.","rdata":"192.0.2.8","time_last":1374457217}\n'
    b'{"zone_time_first":1298412391,"zone_time_last":1374457217,"rrtype":"NS","rrname":"example.com","rdata":["ns1.example.net.","ns2.example.net."]}\n'
    b'{"time_first":"2024-01-01T00:00:00Z","time_last":1704153600000,"rrtype":28,"rrname":"v6.example.com","rdata":["2001:db8::8"]}\n'
    b'{"time_first":1298412391,"time_last":1374457217,"rrtype":"MX","rrname":"example.com","rdata":"10 mx.example.com."}\n'
)
INTELMQ = (
    b'{"classification.type":"c2-server","source.ip":"192.0.2.5","source.port":443,"source.asn":64500,"malware.name":"xbot",'
    b'"source.fqdn":"cc.example.org","time.source":"2024-03-01T10:00:00+00:00","feed.name":"F"}\n'
    b'{"classification.type":"spam","source.ip":"192.0.2.6","time.source":"2024-03-01T10:00:00+02:00"}\n'
    b'{"classification.type":"infected-system","source.ip":"192.0.2.7","time.observation":"2024-03-01T10:00:00Z"}\n'
    b'{"classification.type":"phishing","source.url":"http://shop.example.com/x","source.ip":"192.0.2.8","time.source":"2024-03-01"}\n'
    b'{"classification.type":"blacklist","source.network":"192.0.2.0/24","time.source":"2024-03-01"}\n'
)
CSV_C2 = b"ip,first_listed,last_listed,n_snapshots,absent_on\n192.0.2.1,2022-02-14,2022-06-20,127,2022-06-21\n192.0.2.2,2022-02-14,2022-02-14,1,\n"
CSV_SPAMHAUS = b"list,entry,first_seen,last_seen\nasn,AS64500,2019-05-17,2021-11-03\ndrop,192.0.2.0/24,2018-03-29,2024-02-27\n"
CSV_DOMAINS = b"observed_date,domain,family,source\n2018-10-29,bad.example.com,betabot,Somebody\n"
CSV_IPS = b"observed_date,date_basis,ip,port,family,category,n_refs\n2018-04-26,tweet_id,192.0.2.1,443,ursnif,malware,2\n"

DETECTED = [
    (FEODO_CSV, "ipblocklist.csv", "feodo-csv", 2),
    (FEODO_OLD, "x.csv", "feodo-csv", 1),
    (b"\xef\xbb\xbf" + FEODO_CSV, "x", "feodo-csv", 2),
    (FEODO_JSON, "ipblocklist.json", "feodo-json", 2),
    (FEODO_TEXT, "ipblocklist.txt", "feodo-text", 2),
    (DROP_TEXT, "drop.txt", "spamhaus-text", 2),
    (ASNDROP_TEXT, "asndrop.txt", "spamhaus-text", 2),
    (DROP_JSON, "drop_v4.json", "spamhaus-json", 2),
    (ASNDROP_JSON, "asndrop.json", "spamhaus-json", 1),
    (URLHAUS_CSV, "csv.txt", "urlhaus-csv", 2),
    (URLHAUS_NET, "feed.csv", "urlhaus-csv", 1),
    (URLHAUS_JSON, "urlhaus.json", "urlhaus-json", 2),
    (URLHAUS_TEXT, "text.txt", "urlhaus-text", 2),
    (THREATFOX_CSV, "full.csv", "threatfox-csv", 4),
    (THREATFOX_JSON, "full.json", "threatfox-json", 1),
    (THREATFOX_API, "answer.json", "threatfox-json", 1),
    (SFS_LIST, "listed_ip_1.txt", "stopforumspam", 2),
    (SFS_ROWS, "listed_ip_7_all.txt", "stopforumspam", 2),
    (SFS_RANGE, "toxic_ip_range.txt", "stopforumspam", 2),
    (b"bad.example\nworse.example\n", "toxic_domains_whole.txt", "stopforumspam", 2),
    (b"192.0.2.1\n", "mail.txt", "blocklist-de", 1),
    (b"192.0.2.1\n", "2024-03-01-ssh.txt", "blocklist-de", 1),
    (b"192.0.2.1\n", "some_list.txt", "address-list", 1),
    (b"# c\n\n192.0.2.0/24\n192.0.2.1 # note\nhttps://a.example/x\n", "l.txt", "address-list", 3),
    (COF, "pdns.jsonl", "cof", 4),
    (b'{"cond":"begin"}\n{"obj":' + COF.split(b"\n")[0] + b'}\n{"cond":"succeeded"}\n', "d", "cof", 3),
    (INTELMQ, "events.jsonl", "intelmq", 5),
    (CSV_C2, "feodotracker-c2_intervals.csv", "csv", 2),
    (CSV_SPAMHAUS, "intervals.csv", "csv", 2),
    (CSV_DOMAINS, "domains.csv", "csv", 1),
    (CSV_IPS, "ips.csv", "csv", 1),
    (b"ip;first_seen;last_seen\n192.0.2.1;2024-01-01;2024-01-02\n", "semicolons.csv", "csv", 1),
    (b"# ip\tfirst_seen\tfamily\n192.0.2.1\t2024-01-01\tx\n", "tabs.tsv", "csv", 1),
]  # fmt: skip

NOT_FEEDS = [
    (b"From a@example.com Mon Jan  1 00:00:00 2007\nReceived: from x ([192.0.2.1]) by y\n\nhello\n", "inmail.1"),
    (b"Return-Path: <a@example.com>\nReceived: from x (192.0.2.1)\nSubject: http://a.example/\n\nhttp://a.example/\n", "a.eml"),
    (b"1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n", "ip2asn-v4.tsv"),
    (b"; IP-ASN-DAT file\n; Original file : rib.20080501.0644.bz2\n; \n10.29.246.49/32\t286\n10.6.0.0/21\t65504\n", "ipasn_20080501.dat"),
    (b"1.0.0.0\t24\t13335\n1.0.4.0\t22\t56203\n", "routeviews-rv2-20240301-1200.pfx2as"),
    (b"# source: topology\n1|2|-1\n1|3|0\n", "20080101.as-rel.txt"),
    (b'"asn","name","source"\n1,"Level 3","DB-IP"\n2,"University","DB-IP"\n', "asns.csv"),
    (b"network,autonomous_system_number,autonomous_system_organization\n192.0.2.0/24,64500,EXAMPLE\n", "GeoLite2-ASN.csv"),
    (b"prefix,asn,first_seen,last_seen\n192.0.2.0/24,64500,2024-01-01,2024-01-02\n", "routing_history.csv"),
    (b"observed_date,total,emotet,qakbot\n2022-02-14,289,51,37\n", "feodo_active_by_family_daily.csv"),
    (b"observed_date,family,n_ip_port,n_urls,path\n2022-01-26,Emotet,31,15,e5_emotet_26.01.2022.txt\n", "campaigns.csv"),
    (b"date,domain,count\n2024-01-01,example.com,12\n", "mails_by_domain.csv"),
    (b"name,ip,first_name,last_name\nA,not an address,B,C\n", "people.csv"),
    (b"ip,first_seen\nhello,2024-01-01\nworld,2024-01-01\n", "words.csv"),
    (b'{"event":"login","user":"x"}\n', "log.jsonl"),
    (b'{"publication": "2015-01-01", "services": [[["2.0.0.0/8"], ["https://rdap.example/"]]]}', "ipv4.json"),
    (b"one\ntwo\nthree\n", "words.txt"),
    (b"a.example\nb.example\n", "hosts.txt"),
    (b"", "empty"),
    (b"\0" * 100, "zeros.bin"),
    (b"[" * 60000, "nest.json"),
    (b'{"a":' * 10000, "nest2.json"),
    (b"ip,first_seen\n", "only_header.csv"),
]  # fmt: skip


def split(data: bytes, name: str, format: str | None = None, **told: object) -> list[Piece]:
    feed = by_format(format) if format else detect(data[:65536], name)
    assert feed is not None
    return list(feed.split(BytesIO(data), Told(name=name, **told)))  # type: ignore[arg-type]


def facts(data: bytes, name: str, format: str | None = None, **told: object) -> list[Listing | Resolution]:
    feed = by_format(format) if format else detect(data[:65536], name)
    assert feed is not None
    found = []
    for piece in split(data, name, format, **told):
        assert piece.trouble is None, piece
        found += feed.read(piece.data, json.loads(piece.context or "{}"))
    return found


def at(*args: int) -> datetime:
    return datetime(*args, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize("data, name, format, records", DETECTED)
def test_a_feed_is_known_and_all_its_records_can_be_read(
    data: bytes, name: str, format: str, records: int
) -> None:
    feed = detect(data[:65536], name)
    assert feed is not None
    assert feed.format == format
    pieces = split(data, name)
    assert [piece.trouble for piece in pieces] == [None] * records
    assert [piece.position for piece in pieces] == list(range(records))
    assert len({id(piece.context) for piece in pieces}) == 1


@pytest.mark.parametrize("data, name, format, records", DETECTED)
def test_no_two_feeds_claim_a_file_save_the_general_ones(
    data: bytes, name: str, format: str, records: int
) -> None:
    general = {"csv", "address-list"}
    claims = [feed.format for feed in FEEDS if feed.sniff(data[:65536], name)]
    assert set(claims) - general <= {format}


@pytest.mark.parametrize("data, name", NOT_FEEDS)
def test_what_is_no_feed_is_not_taken_for_one(data: bytes, name: str) -> None:
    assert detect(data, name) is None


def test_formats_are_distinct_and_found_by_name() -> None:
    assert len({feed.format for feed in FEEDS}) == len(FEEDS)
    assert all(by_format(feed.format) is feed and feed.title for feed in FEEDS)
    with pytest.raises(BadUsage, match="is none of"):
        by_format("nonsense")


def test_feodo_csv_gives_controllers_with_intervals() -> None:
    one, two = facts(FEODO_CSV, "ipblocklist.csv")
    assert one == Listing(
        "address", "192.0.2.1", pack_address("192.0.2.1"), 32, None, "controller", "Dridex", 443,
        at(2024, 1, 17, 7, 30, 5), at(2024, 3, 4), "interval",
    )  # fmt: skip
    assert (two.first, two.last, two.basis) == (
        at(2024, 1, 17, 7, 30, 5),
        at(2024, 1, 17, 7, 30, 5),
        "snapshot",
    )
    (old,) = facts(FEODO_OLD, "x.csv")
    assert (old.role, old.family, old.last) == ("controller", "Heodo", at(2019, 1, 9))


def test_feodo_json_names_the_network_and_its_reverse_name_is_no_resolution() -> None:
    one, two = facts(FEODO_JSON, "ipblocklist.json")
    assert (one.asn, one.port, one.basis) == (64500, 443, "interval")
    assert one.first == one.last == at(2024, 1, 17, 7, 44, 46)  # a last day before the first hour of that day
    assert (two.entry, two.length, two.port, two.asn) == ("2001:db8::1", 128, None, None)


@pytest.mark.parametrize(
    "data, name, day",
    [
        (FEODO_TEXT, "ipblocklist.txt", "2024-03-05"),
        (DROP_TEXT, "drop.txt", "2021-11-03"),
        (ASNDROP_TEXT, "asndrop.txt", "2021-11-03"),
        (DROP_JSON, "drop_v4.json", "2024-04-05"),
        (ASNDROP_JSON, "asndrop.json", "2024-04-05"),
        (URLHAUS_TEXT, "text.txt", "2024-03-05"),
    ],
)
def test_a_snapshot_says_its_day_itself(data: bytes, name: str, day: str) -> None:
    pieces = split(data, name, day=date(2001, 1, 1))
    context = json.loads(pieces[0].context or "")
    assert (context["day"], context["day_basis"]) == (day, "file")
    for fact in facts(data, name):
        assert fact.basis == "snapshot"
        assert fact.first == fact.last == datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "name, told, day, basis",
    [
        ("mail.txt", {}, None, None),
        ("mail.txt", {"day": date(2024, 3, 1)}, "2024-03-01", "given"),
        ("mail_2024-02-29.txt", {"day": date(2024, 3, 1)}, "2024-02-29", "name"),
        ("mail_20240230.txt", {"day": date(2024, 3, 1)}, "2024-03-01", "given"),
        ("mail_2018_2024.txt", {}, None, None),
        ("mail_2024-02-29.txt", {"mapping": {"day": date(2024, 1, 1)}}, "2024-01-01", "mapping"),
        ("mail_2024-02-29.txt", {"mapping": {"day": "2024-01-01"}}, "2024-01-01", "mapping"),
    ],
)
def test_day_of_a_plain_list(name: str, told: dict[str, object], day: str | None, basis: str | None) -> None:
    (piece,) = split(b"192.0.2.1\n", name, "blocklist-de", **told)
    context = json.loads(piece.context or "")
    assert (context.get("day"), context.get("day_basis")) == (day, basis)
    (fact,) = facts(b"192.0.2.1\n", name, "blocklist-de", **told)
    assert (fact.first is None) == (day is None)


def test_spamhaus_lists_have_no_role() -> None:
    one, two = facts(DROP_JSON, "drop_v4.json")
    assert (one.subject, one.entry, one.length, one.role, one.family) == (
        "prefix",
        "192.0.2.0/24",
        24,
        None,
        "drop",
    )
    assert (two.address, two.length) == (pack_address("2001:db8::"), 32)
    (network,) = facts(ASNDROP_JSON, "asndrop.json")
    assert (network.subject, network.entry, network.asn, network.family) == (
        "asn",
        "AS64500",
        64500,
        "asn-drop",
    )
    assert [fact.asn for fact in facts(ASNDROP_TEXT, "asndrop.txt")] == [64500, 64501]
    assert facts(DROP_TEXT, "edrop.txt")[0].family == "edrop"


def test_urlhaus_hosts_are_links_and_only_literals_have_addresses() -> None:
    for data, name in ((URLHAUS_CSV, "csv.txt"), (URLHAUS_JSON, "urlhaus.json")):
        literal, named = facts(data, name)
        assert (literal.subject, literal.role, literal.address) == ("url", "link", pack_address("192.0.2.9"))
        assert (literal.family, literal.basis) == ("elf,mirai", "interval")
        assert (named.address, named.length, named.family) == (None, None, "malware_download")


def test_urlhaus_by_network_also_says_what_the_name_answered() -> None:
    listing, resolution = facts(URLHAUS_NET, "feed.csv")
    assert (listing.asn, listing.address) == (64500, None)
    when = at(2024, 3, 1, 1, 2, 3)
    assert resolution == Resolution("dl.example.com", "A", pack_address("192.0.2.7"), None, when, when)


def test_threatfox_roles() -> None:
    address, name, link = facts(THREATFOX_CSV, "full.csv")
    assert (address.subject, address.port, address.role, address.family) == (
        "address",
        4443,
        "controller",
        "Xbot",
    )
    assert (name.subject, name.entry, name.role, name.basis) == (
        "domain",
        "cc.example.org",
        "controller",
        "interval",
    )
    assert (link.subject, link.role, link.address) == ("url", "link", None)
    assert facts(THREATFOX_JSON, "full.json") == facts(THREATFOX_API, "answer.json") == [address]


def test_stopforumspam_is_a_listing_in_no_role_unless_a_person_says_so() -> None:
    plain = facts(SFS_LIST, "listed_ip_1.txt", day=date(2024, 3, 1))
    assert {(fact.role, fact.family, fact.first) for fact in plain} == {
        (None, "comment spam", at(2024, 3, 1))
    }
    rows = facts(SFS_ROWS, "listed_ip_7_all.txt", day=date(2020, 1, 1))
    assert [fact.first for fact in rows] == [at(2024, 3, 1, 12), at(2024, 3, 2, 12)]
    assert facts(SFS_ROWS, "listed_ip_7_all.txt", mapping={"role": "sender"})[0].role == "sender"
    ranges = [fact.entry for fact in facts(SFS_RANGE, "toxic_ip_range.txt")]
    assert ranges == ["192.0.2.0/24", "198.51.100.0/31", "198.51.100.2"]


@pytest.mark.parametrize(
    "name, role, family",
    [("mail.txt", "sender", "mail"), ("ssh.txt", None, "ssh"), ("blocklist.de_all.txt", None, "all"),
     ("blocklist_de.txt", None, None)],
)  # fmt: skip
def test_blocklist_de_speaks_of_senders_in_its_mail_list_only(
    name: str, role: str | None, family: str | None
) -> None:
    (fact,) = facts(b"192.0.2.1\r\n", name)
    assert (fact.role, fact.family) == (role, family)


@pytest.mark.parametrize(
    "name, role",
    [("c2.txt", "controller"), ("botnet-cnc-ips.txt", "controller"), ("spammers.txt", "sender"), ("spam.txt", None),
     ("spammers_and_c2.txt", None), ("x.txt", None)],
)  # fmt: skip
def test_a_plain_list_has_the_role_that_its_name_says(name: str, role: str | None) -> None:
    assert facts(b"192.0.2.1\n", name)[0].role == role


def test_passive_dns() -> None:
    a, ns1, ns2, aaaa = facts(COF, "pdns.jsonl")
    first, last = datetime.fromtimestamp(1298412391, UTC), datetime.fromtimestamp(1374457217, UTC)
    assert a == Resolution("www.example.com", "A", pack_address("192.0.2.8"), None, first, last)
    assert [ns1.target, ns2.target] == ["ns1.example.net", "ns2.example.net"]
    assert (ns1.rrtype, ns1.first, ns1.last) == ("NS", first, last)
    assert (aaaa.rrtype, aaaa.first, aaaa.last) == ("AAAA", at(2024, 1, 1), at(2024, 1, 2))


def test_intelmq_roles() -> None:
    c2, resolved, spam, infected, phish, answered, black = facts(INTELMQ, "events.jsonl")
    assert (c2.role, c2.family, c2.port, c2.asn) == ("controller", "xbot", 443, 64500)
    assert (resolved.name, resolved.address) == ("cc.example.org", c2.address)
    assert (spam.role, spam.first) == ("sender", at(2024, 3, 1, 8))
    assert (infected.role, infected.family) == (None, "infected-system")
    assert (phish.subject, phish.role, phish.address) == ("url", "link", None)
    assert (answered.name, answered.address) == ("shop.example.com", pack_address("192.0.2.8"))
    assert (black.subject, black.role, black.length) == ("prefix", None, 24)


def test_csv_by_its_header() -> None:
    one, two = facts(CSV_C2, "feodotracker-c2_intervals.csv")
    assert (one.role, one.first, one.last, one.basis) == (
        "controller",
        at(2022, 2, 14),
        at(2022, 6, 20),
        "interval",
    )
    assert (two.first, two.basis) == (two.last, "interval")
    assert facts(CSV_C2, "intervals.csv")[0].role is None
    network, prefix = facts(CSV_SPAMHAUS, "intervals.csv")
    assert (network.subject, network.asn, network.family, network.role) == ("asn", 64500, "asn", None)
    assert (prefix.subject, prefix.length, prefix.family) == ("prefix", 24, "drop")
    (domain,) = facts(CSV_DOMAINS, "domains.csv")
    assert (domain.subject, domain.role, domain.first, domain.basis) == (
        "domain",
        None,
        at(2018, 10, 29),
        "snapshot",
    )
    (ip,) = facts(CSV_IPS, "ips.csv")
    assert (ip.role, ip.family, ip.port) == (None, "ursnif", 443)


def test_a_category_gives_the_role_but_a_name_is_no_sender() -> None:
    data = b"ip,domain,date,category\n192.0.2.1,,2024-01-01,C2\n192.0.2.2,,2024-01-01,spam\n,a.example.com,2024-01-01,spam\n"
    assert [fact.role for fact in facts(data, "x.csv")] == ["controller", "sender", None]


def test_csv_by_a_mapping() -> None:
    data = b"when|where|what\n2024-01-01|192.0.2.1|Xbot\n2024-01-02|192.0.2.2|Ybot\n"
    mapping = {
        "delimiter": "|", "role": "controller", "columns": {"address": "where", "first": "WHEN", "family": "what"},
    }  # fmt: skip
    one, two = facts(data, "x.txt", "csv", mapping=mapping)
    assert (one.entry, one.role, one.family, one.first) == ("192.0.2.1", "controller", "Xbot", at(2024, 1, 1))
    assert two.family == "Ybot"


def test_csv_by_a_mapping_of_numbers_as_a_snapshot() -> None:
    mapping = {"columns": {"address": 2}, "basis": "snapshot", "day": "2024-05-06"}
    (fact,) = facts(b"7,192.0.2.1\n", "x.csv", "csv", mapping=mapping)
    assert (fact.first, fact.last, fact.basis) == (at(2024, 5, 6), at(2024, 5, 6), "snapshot")


@pytest.mark.parametrize(
    "mapping, error, words",
    [
        ({"columns": {"address": "nope"}}, BadInput, "no column 'nope'"),
        ({"columns": {"adress": "ip"}}, BadUsage, "must name one of"),
        ({"columns": {"address": "ip", "colour": "x"}}, BadUsage, "'colour'"),
        ({"columns": {"address": 0}}, BadUsage, "numbers from 1"),
        ({"columns": {"address": 1, "first": "x"}}, BadUsage, "numbers from 1"),
        ({"columns": {"address": True}}, BadUsage, "numbers from 1"),
        ({"columns": {"address": ["ip"]}}, BadUsage, "numbers from 1"),
        ({"columns": "ip"}, BadUsage, "must name one of"),
        ({"columns": {"address": "ip"}, "delimiter": ", "}, BadUsage, "one character"),
        ({"columns": {"address": "ip"}, "role": "villain"}, BadUsage, "'villain'"),
        ({"columns": {"address": "ip"}, "role": ["sender"]}, BadUsage, "none of"),
        ({"columns": {"address": "ip"}, "basis": "sometimes"}, BadUsage, "interval or snapshot"),
        ({"columns": {"address": "ip"}, "basis": "snapshot", "day": "soon"}, BadUsage, "no date"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told(
    mapping: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        split(b"ip,date\n192.0.2.1,2024-01-01\n", "x.csv", "csv", mapping=mapping)


def test_a_csv_without_a_known_header_is_told() -> None:
    with pytest.raises(BadInput, match="no header"):
        split(b"a,b\n1,2\n", "x.csv", "csv")


def test_places_and_comments() -> None:
    pieces = split(FEODO_CSV, "x.csv")
    assert [(piece.position, piece.place) for piece in pieces] == [(0, "line 7"), (1, "line 8")]
    assert not pieces[0].data.endswith(b"\r")
    items = split(FEODO_JSON, "x.json")
    assert [piece.place for piece in items] == ["record 1", "record 2"]
    assert items[0].data == json.dumps(json.loads(FEODO_JSON)[0], sort_keys=True).encode()


def test_a_records_identity_needs_its_day_only_in_snapshots() -> None:
    for data, name, format, _ in DETECTED:
        context = json.loads(split(data, name, day=date(2024, 1, 1))[0].context or "{}")
        dated = any(getattr(fact, "basis", "interval") == "interval" for fact in facts(data, name, format))
        assert not (dated and "day" in context), format


@pytest.mark.parametrize(
    "format, context, record, words",
    [
        ("feodo-csv", {"fields": {"address": 1, "first": 0, "family": 2}}, b"2024-01-01,192.0.2.1", "too few"),
        ("feodo-csv", {"fields": {"address": 0, "family": 1}}, b"192.0.2.256,x", "no address"),
        ("feodo-csv", {"fields": {"address": 0, "family": 1}}, b"192.0.02.1,x", "no address"),
        ("feodo-csv", {"fields": {"address": 0, "family": 1}}, b'"192.0.2.1,x', "quotes do not close"),
        ("feodo-json", {}, b"[]", "no object"),
        ("feodo-json", {}, b'{"ip_address":', "not valid JSON"),
        ("feodo-json", {}, b"{}", "ip_address is missing"),
        ("feodo-json", {}, b'{"ip_address":"192.0.2.1","first_seen":"soon"}', "no date"),
        ("feodo-json", {}, b'{"ip_address":"192.0.2.1","first_seen":"1601-01-01"}', "outside"),
        ("feodo-json", {}, b'{"ip_address":"192.0.2.1","first_seen":"2024-01-05","last_online":"2024-01-01"}', "before"),
        ("spamhaus-json", {}, b'{"cidr":"192.0.2.0/40"}', "no prefix"),
        ("spamhaus-json", {}, b'{"asn":4294967296}', "no AS number"),
        ("spamhaus-json", {}, b'{"asn":true}', "no AS number"),
        ("spamhaus-text", {"list": "drop"}, b"AS99999999999 ; x", "no AS number"),
        ("threatfox-json", {}, b'{"ioc_type":"domain","ioc_value":"a b"}', "no host name"),
        ("urlhaus-json", {}, b'{"url":"http:///x"}', "no host"),
        ("cof", {}, b'{"rrname":"a.example","rrtype":"A","rdata":"2001:db8::1","time_first":1298412391}', "no answer"),
        ("cof", {}, b'{"rrname":"a.example","rrtype":"A","rdata":"192.0.2.1"}', "neither"),
        ("cof", {}, b'{"rrname":"a b","rrtype":"A","rdata":"192.0.2.1","time_first":1298412391}', "no host name"),
        ("cof", {}, b'{"rrname":"a.example","rrtype":"A","rdata":"192.0.2.1","time_first":12}', "no date"),
        ("cof", {}, b'{"rrname":"192.0.2.1","rrtype":"A","rdata":"192.0.2.1","time_first":1298412391}', "no host name"),
        ("intelmq", {}, b'{"classification.type":"spam"}', "it has no source"),
        ("address-list", {}, b"x" * 5000, "longer than"),
        ("stopforumspam", {"family": "x"}, b"192.0.2.9-192.0.2.1", "no range"),
        ("stopforumspam", {"family": "x"}, b"192.0.2.9-2001:db8::1", "no range"),
        ("csv", {"fields": {"address": 0}, "delimiter": ","}, b",x", "nothing to list"),
    ],
)  # fmt: skip
def test_a_malformed_record_says_why(
    format: str, context: dict[str, object], record: bytes, words: str
) -> None:
    with pytest.raises(SkipRecord, match=words):
        by_format(format).read(record, context)


@pytest.mark.parametrize(
    "written, seconds",
    [
        ("2024-03-01", 1709251200), ("2024-03-01 10:20:30", 1709288430), ("2024-03-01 10:20:30 UTC", 1709288430),
        ("2024-03-01T10:20:30Z", 1709288430), ("2024-03-01T12:20:30+02:00", 1709288430), ("01.03.2024", 1709251200),
        ("2024/03/01", 1709251200), ("20240301", 1709251200), ("1709288430", 1709288430),
        ("1709288430000", 1709288430), ("1709288430000000", 1709288430), ("1709288430.5", 1709288430.5),
    ],
)  # fmt: skip
def test_dates_as_feeds_write_them(written: str, seconds: float) -> None:
    (fact,) = by_format("csv").read(f"192.0.2.1,{written}".encode(), {"fields": {"address": 0, "first": 1}})
    assert isinstance(fact, Listing)
    assert fact.first is not None
    assert fact.first.timestamp() == seconds


@pytest.mark.parametrize(
    "written, subject, entry, address, port",
    [
        ("192.0.2.1", "address", "192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:8443", "address", "192.0.2.1", "192.0.2.1", 8443),
        ("[2001:DB8::1]:443", "address", "2001:db8::1", "2001:db8::1", 443),
        ("2001:DB8:0::1", "address", "2001:db8::1", "2001:db8::1", None),
        ("::ffff:192.0.2.1", "address", "192.0.2.1", "192.0.2.1", None),
        ("192.0.2.77/24", "prefix", "192.0.2.0/24", "192.0.2.0", None),
        ("192.0.2.1/32", "address", "192.0.2.1", "192.0.2.1", None),
        ("AS64500", "asn", "AS64500", None, None),
        ("as 64500", "asn", "AS64500", None, None),
        ("Bad[.]Example[.]com", "domain", "bad.example.com", None, None),
        ("hxxp://bad[.]example[.]com/x", "url", "hxxp://bad[.]example[.]com/x", None, None),
        ("http://user:pw@192.0.2.1:81/x@y", "url", "http://user:pw@192.0.2.1:81/x@y", "192.0.2.1", 81),
        ("http://[2001:db8::1]/", "url", "http://[2001:db8::1]/", "2001:db8::1", None),
        ("http://3221225985/", "url", "http://3221225985/", "192.0.2.1", None),
        ("bad.example.com/gate.php", "url", "bad.example.com/gate.php", None, None),
    ],
)
def test_an_entry_is_told_by_its_form(
    written: str, subject: str, entry: str, address: str | None, port: int | None
) -> None:
    (fact,) = by_format("csv").read(written.encode(), {"fields": {"entry": 0}, "delimiter": ","})
    assert isinstance(fact, Listing)
    assert (fact.subject, fact.entry, fact.port) == (subject, entry, port)
    assert fact.address == (pack_address(address) if address else None)
