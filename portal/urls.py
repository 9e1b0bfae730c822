"""All addresses of the portal; the apps' own lists are included by name."""

from django.urls import include, path, re_path

from portal.views import pages, people, schools

urlpatterns = [
    path("", pages.home, name="home"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/place/", pages.choose_membership, name="choose_membership"),
    path("accounts/token/", pages.token, name="token"),
    path("display/", pages.display_settings, name="display_settings"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("schools/", schools.schools, name="schools"),
    path("schools/<uuid:public_id>/", schools.school, name="school"),
    path("people/", people.people, name="people"),
    path("jobs/<uuid:public_id>/", pages.job, name="job"),
    re_path(r"^charts/(?P<key>[0-9a-f]{64})\.svg$", pages.chart, name="chart"),
    path("monitoring/", include("monitoring.urls")),
    path("reports/", include("reports.urls")),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
]
