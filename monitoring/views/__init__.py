"""Pages of the monitoring: entry, review, campaigns, dashboards, and its parts on the portal's own pages."""
