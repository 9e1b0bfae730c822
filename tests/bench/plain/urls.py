"""The portal's addresses and the admin's, which its templates name."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("portal.urls"))]
