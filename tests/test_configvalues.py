import re

import pytest

from issgaze.configvalues import check_host, check_source


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "0.0.0.0", "0", "*", "::", "[::1]", "fe80::1%eth0", "localhost", "my_pi.local",
     "bücher.local", "pi."],
)  # fmt: skip
def test_a_host_is_an_address_or_a_name(text: str) -> None:
    check_host(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://10.0.0.2:80/x", "is a web address, a host alone is needed: 10.0.0.2"),
        ("http://a b/", "a host alone is needed"),
        ("a b", "must have no spaces"),
        (" pi", "must have no spaces: pi"),
        ("pi:8080", "the port is given elsewhere: pi"),
        ("192.168.1", "must have four numbers from 0 to 255"),
        ("192.168.1.300", "must have four numbers from 0 to 255"),
        ("", "must be an address or the name of a host"),
        ("-x", "must be an address or the name of a host"),
        ("a,b", "must be an address or the name of a host"),
    ],
)
def test_what_is_no_host_is_told_why(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        check_host(text)


@pytest.mark.parametrize(
    "text",
    ["https://celestrak.org/gp.php?CATNR={norad_id}&FORMAT=json", "http://[::1]:80/",
     "HTTPS://x.org/", "http://user:word@x.org/a"],
)  # fmt: skip
def test_a_source_is_a_web_address(text: str) -> None:
    check_source(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("celestrak.org/x", "begins with https:// or http://"),
        ("file:///etc/passwd", "begins with https:// or http://"),
        ("https:///x", "begins with https:// or http://"),
        ("http://[::/", "its brackets are no IPv6 address"),
        ("https://a b/", "must have no spaces"),
        ("https://ä.org/", "letters that are foreign"),
        ("http://x:99999/", "a port from 1 to 65535"),
        ("http://1.2.3/", "four numbers"),
        ("https://x/{norad}", "no braces but {norad_id}"),
    ],
)
def test_what_is_no_source_is_told_why(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        check_source(text)
