"""Is a link that confirms a number well formed, and does it open? The portal asks it itself, on the open network only.

A link is somebody's text, so the request is narrow: every address of the host must be public, the connection goes to
the address that was judged and not to the name, redirects are judged anew, and nothing of the page is read.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urljoin, urlsplit

WAIT = 5  # seconds for one step of a request
LONGEST = 10  # seconds for one whole request: a server that answers by single bytes is left
REDIRECTS = 3
ROOT_PAGE = "Ссылка ведёт на главную страницу сайта. Укажите страницу, на которой это число подтверждено."
_OPEN = "Ссылка не открывается"
_NAT64 = IPv6Network("64:ff9b::/96")
_UNDER_WAY = {301, 302, 303, 307, 308}

Resolve = Callable[[str, int], list[str]]


class LinkRefused(ValueError):
    """The text is no link; the text of the error is a sentence."""


class Unreachable(Exception):
    """The link does not open; the text is a sentence."""


def read_link(text: str) -> str:
    """The link as it is kept. Raises LinkRefused for anything but http and https with the name of a site."""
    link = text.strip()
    try:
        parts = urlsplit(link)
        host, login = parts.hostname or "", parts.username
        host.encode("idna")
        _ = parts.port
    except ValueError:
        raise LinkRefused("Ссылка записана с ошибкой. Скопируйте её из строки адреса браузера.") from None
    if parts.scheme not in {"http", "https"}:
        raise LinkRefused("Ссылка должна начинаться с https:// или http://.")
    if login is not None or any(sign.isspace() for sign in link) or not all(host.split(".")) or "." not in host:
        raise LinkRefused("В ссылке нет адреса сайта. Скопируйте её из строки адреса браузера.")
    return link


def root_problem(link: str) -> str:
    """The sentence for a link that leads to the front page of a site, else an empty string (rule W-16)."""
    parts = urlsplit(link)
    return ROOT_PAGE if not parts.path.strip("/") and not parts.query and not parts.fragment else ""


def link_problem(link: str, resolve: Resolve | None = None) -> str:
    """Why the link is a poor confirmation, as a sentence; empty where it opens. Calls the network.

    `resolve` gives the addresses of a host and refuses those that may not be called.
    """
    try:
        _follow(link, resolve or public_addresses)
    except Unreachable as refusal:
        return str(refusal)
    except TimeoutError:
        return f"{_OPEN}: сайт не ответил за {WAIT} секунд."
    except (OSError, HTTPException, ValueError):
        return f"{_OPEN}: сайт не найден или не отвечает."
    return root_problem(link)


def public_addresses(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises Unreachable where one of them is not of the open network."""
    found = sorted({str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    if not all(is_public(one) for one in found):
        raise Unreachable(f"{_OPEN}: она ведёт во внутреннюю сеть.")
    return found


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open network, also where IPv6 wraps an IPv4 one."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            wrapped = ip_address(int(ip) & 0xFFFFFFFF)  # type: ignore[assignment]
        if ip.teredo or (wrapped is not None and not is_public(str(wrapped))):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _follow(link: str, resolve: Resolve) -> None:
    """Open the link through at most three redirects; raises Unreachable with the reason."""
    for _ in range(REDIRECTS + 1):
        status, onward = _ask("HEAD", link, resolve)
        if status >= 400:  # many sites do not answer HEAD
            status, onward = _ask("GET", link, resolve)
        if status not in _UNDER_WAY or not onward:
            return _judge(status)
        try:
            link = read_link(urljoin(link, onward))
        except LinkRefused:
            break
    raise Unreachable(f"{_OPEN}: сайт переводит с одной страницы на другую.")


def _judge(status: int) -> None:
    if status in {404, 410}:
        raise Unreachable(f"{_OPEN}: такой страницы на сайте нет.")
    if status in {401, 403}:
        raise Unreachable(f"{_OPEN}: страница закрыта для посторонних.")
    if status >= 400:
        raise Unreachable(f"{_OPEN}: сайт ответил ошибкой {status}.")


def _ask(method: str, link: str, resolve: Resolve) -> tuple[int, str]:
    """(status, where it leads on) of one request; the body is not read."""
    parts = urlsplit(link)
    secure = parts.scheme == "https"
    host, port = (parts.hostname or "").encode("idna").decode(), parts.port or (443 if secure else 80)
    connection = _Pinned(host, port, resolve(host, port)[0], secure=secure)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else ""
    )
    with _cut_off_in_time(connection):
        connection.request(method, path, headers={"User-Agent": "Proforientir", "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", "")


class _Pinned(HTTPConnection):
    """A connection to an address that was judged, under the name of its host."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=WAIT)
        self.address, self.secure = address, secure
        self.default_port = 443 if secure else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), WAIT)
        if self.secure:
            # Whether the site answers is asked, not who it is: many Russian sites hold certificates of the national
            # centre, which servers outside do not know. Nothing is sent and nothing is read.
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


@contextmanager
def _cut_off_in_time(connection: HTTPConnection) -> Iterator[None]:
    def cut() -> None:
        if connection.sock is not None:
            connection.sock.close()

    timer = threading.Timer(LONGEST, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()
