"""Does every link that a person meets lead somewhere, and to a place on the page that is there?"""

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import resolve
from pytest_django.live_server_helper import LiveServer

from reports.actions import build_report
from reports.models import ReportKind
from tests.journeys.steps import person

pytestmark = pytest.mark.journey

LINK = re.compile(r'<a [^>]*href="([^"]+)"')
MARK = re.compile(r' id="([^"]+)"')
ALIKE = 3  # pages of one view that are opened: the states of a form differ, the hundredth school does not
FILES = {"reports:pdf", "reports:html"}  # downloads; another journey opens them


def faults_for(name: str) -> list[str]:
    """Follow every link from the home page of a person on."""
    client = Client()
    client.force_login(person(name).user)
    opened: Counter[str] = Counter()
    pages: dict[str, str] = {}
    links = [("the start", "/")]
    faults = []
    for source, link in links:  # the list grows while it is walked
        address, _, mark = link.partition("#")
        if address not in pages:
            view = resolve(urlsplit(address).path).view_name
            if opened[view] == ALIKE or view in FILES:
                continue
            opened[view] += 1
            answer = client.get(address)
            if answer.status_code not in {200, 302}:
                faults.append(f"{name}: {source} leads to {address}, which answers {answer.status_code}")
            page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
            pages[address] = answer.content.decode() if page else ""  # a file has no links to follow
            found = (urljoin(address, unescape(one)) for one in LINK.findall(pages[address]))
            links += [(address, one) for one in dict.fromkeys(found) if not any(urlsplit(one)[:2])]  # nor mailto:
        if mark and pages[address] and mark not in MARK.findall(pages[address]):
            faults.append(f"{name}: {source} leads to «{mark}», which is not on {address}")
    assert len(opened) > 5, f"the walk of {name} has hardly begun"
    return faults


def test_every_link_leads_to_a_page_and_to_a_place_on_it(demo: LiveServer) -> None:
    methodist = person("methodist")
    build_report(municipality=methodist.municipality, year=2021, kind=ReportKind.ANALYSIS, by=methodist.user)
    faults = [fault for name in ("coordinator", "specialist", "head", "admin") for fault in faults_for(name)]
    assert not faults, "\n".join(["", *faults])
