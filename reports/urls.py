"""Addresses of reports."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.report_list, name="list"),
    path("build/", views.build, name="build"),
    path("<uuid:public_id>/", views.report, name="report"),
    path("<uuid:public_id>/file.pdf", views.pdf, name="pdf"),
    path("<uuid:public_id>/file.html", views.html, name="html"),
]
