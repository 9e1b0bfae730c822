"""Does a figure carry its menu, and is nothing drawn before somebody asks?"""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from portal.charts import Bar, RankedBars
from portal.figures import figure_of
from portal.roles import Role
from tests.factories import member
from tests.portal.test_datatables import TABLE

CHART = RankedBars(title="Доля выросла", alt="Два столбца.", rows=(Bar("А", 0.5, "50 %"), Bar("Б", 0.4, "40 %")))


def made(settings, tmp_path, municipality: int = 1):
    settings.DATA_DIR = tmp_path
    request = RequestFactory().get("/monitoring/indicators/4.1/", {"year": "2021"})
    return figure_of(request, CHART, TABLE, key="years", subtitle="По годам", municipality=municipality)


def test_the_menu_keeps_the_view_of_the_page(settings, tmp_path):
    figure = made(settings, tmp_path)
    assert [link.text for link in figure.links] == ["XLSX", "CSV", "PNG", "SVG", "Ссылка"]
    assert figure.links[0].url == "/monitoring/indicators/4.1/?year=2021&table=years&format=xlsx"
    assert figure.links[-1].url == "/monitoring/indicators/4.1/?year=2021#years"
    assert not list(tmp_path.rglob("*.svg"))


@pytest.mark.django_db
def test_both_pictures_come_to_their_owner_under_the_name_of_the_figure(settings, tmp_path, sign_in):
    person = member(Role.SPECIALIST)
    browser = sign_in(person)
    *_, png, svg, _ = made(settings, tmp_path, person.municipality_id).links
    answer = browser.get(png.url)
    assert answer.content.startswith(b"\x89PNG")
    assert answer["Content-Disposition"] == 'attachment; filename="indicator-4-1.png"'
    assert b"<svg" in browser.get(svg.url).content
    other = sign_in(member(Role.SPECIALIST))
    assert other.get(png.url).status_code == 404
    assert other.get(reverse("chart_png", args=["0" * 64])).status_code == 404
