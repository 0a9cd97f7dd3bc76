"""Measurements that anyone can rerun: ``make bench``. Every row runs product and reference in the same run.

The reference is what the parts under us can do without us, so a ratio says what our own code costs and hardly moves
with the machine. Servers are private (``tests.servers``), traffic stays on the loopback interface, every row ends.
"""
