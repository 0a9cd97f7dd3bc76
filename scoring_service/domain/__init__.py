"""The rules of counting, scoring and showing: pure functions over exact fractions, without clock or storage."""
