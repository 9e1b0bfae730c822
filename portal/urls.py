"""All addresses of the portal; the apps' own lists are included by name."""

from django.urls import include, path, re_path

from portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/place/", views.choose_membership, name="choose_membership"),
    path("accounts/token/", views.token, name="token"),
    path("display/", views.display_settings, name="display_settings"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("schools/", views.schools, name="schools"),
    path("schools/<uuid:public_id>/", views.school, name="school"),
    path("people/", views.people, name="people"),
    path("jobs/<uuid:public_id>/", views.job, name="job"),
    re_path(r"^charts/(?P<key>[0-9a-f]{64})\.svg$", views.chart, name="chart"),
    path("monitoring/", include("monitoring.urls")),
    path("reports/", include("reports.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
