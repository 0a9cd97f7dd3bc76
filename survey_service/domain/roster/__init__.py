"""Reading the people file: columns, rows, every fault by row and column, and what a file would change."""
