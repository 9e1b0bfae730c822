"""What the accepted numbers say: sums, overviews, comparisons, quality."""
