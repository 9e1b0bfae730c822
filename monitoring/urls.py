"""Addresses of the monitoring: campaigns, forms, dashboards."""

from django.urls import path

from monitoring.views import campaigns, cells, dashboard, entry, review

app_name = "monitoring"
urlpatterns = [
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/launch/", campaigns.launch, name="launch"),
    path("campaigns/<uuid:public_id>/", campaigns.campaign, name="campaign"),
    path("submissions/<uuid:public_id>/", entry.hub, name="form"),
    path("submissions/<uuid:public_id>/check/", entry.check, name="check"),
    path("submissions/<uuid:public_id>/explain/", entry.explain, name="explain"),
    path("submissions/<uuid:public_id>/answer/", entry.answer, name="answer"),
    path("submissions/<uuid:public_id>/print/", entry.whole, name="print"),
    path("submissions/<uuid:public_id>/history/", entry.history, name="history"),
    path("submissions/<uuid:public_id>/move/<slug:move>/", review.move, name="move"),
    path("submissions/<uuid:public_id>/return/", review.return_form, name="return"),
    path("submissions/<uuid:public_id>/reopen/", review.reopen, name="reopen"),
    path("submissions/<uuid:public_id>/cells/<slug:code>/", cells.cell, name="cell"),
    path("submissions/<uuid:public_id>/<slug:code>/", entry.section, name="section"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/schools/", dashboard.schools, name="dashboard_schools"),
    path("dashboard/collection/", dashboard.collection, name="collection"),
    path("indicators/<str:code>/", dashboard.indicator, name="indicator"),
    path("indicators/<str:code>/target/", dashboard.target, name="target"),
]
