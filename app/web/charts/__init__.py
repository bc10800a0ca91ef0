"""Charts drawn on the server as plain SVG: here their geometry, in `components/chart.html` how they look.

Every drawing carries its result in words, and stands beside a table with the same figures.
"""
