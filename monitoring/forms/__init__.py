"""What the pages of the monitoring accept from a browser."""
