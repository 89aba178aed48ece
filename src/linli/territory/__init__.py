"""Where: the grid tree of units, their boundaries by date, places with their names, and locating.

Words: a *unit* is any node of the tree (its rank is only a label), a *cell* is a unit with a boundary,
a *place* is something on the ground that people name. Units are closed, never deleted: old cases keep
the unit that they had. Below: kernel, ui. Above: people (posts held at a unit), cases (where it happened).
"""
