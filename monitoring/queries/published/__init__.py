"""Tables of past reports and what the detectors find, in them and in the portal's own numbers."""
