"""Tables that people put together themselves, and the region's form."""
