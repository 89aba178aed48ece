"""Points find their cell: exactly one, always the same, alone or in bulk."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linli.territory.cells import Cell, Cells
from linli.territory.tests.making import SIDE, SOUTH, WEST, square, town
from linli.territory.words import HOWS, METRES_A_DEGREE, How

SIZE = 6
NUDGE = 0.0003

steps = st.lists(st.floats(-0.3, 0.3), min_size=2 * (SIZE + 1) ** 2, max_size=2 * (SIZE + 1) ** 2)
within = st.floats(0.0, SIZE * SIDE)


def crooked(offsets: list[float]) -> list[Cell]:
    """A grid without gaps: inner corners are moved about, the outer frame is straight."""
    moved = np.array(offsets).reshape(SIZE + 1, SIZE + 1, 2)
    moved[[0, -1], :, :] = moved[:, [0, -1], :] = 0
    base = np.stack(np.meshgrid(np.arange(SIZE + 1), np.arange(SIZE + 1), indexing="ij"), axis=-1)
    corners = (base + moved) * SIDE + (WEST, SOUTH)
    cells = []
    for i in range(SIZE):
        for j in range(SIZE):
            ring = [corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]]
            cells.append(Cell(i * SIZE + j, 1, f"{i}{j}", True, shapely.Polygon(ring)))
    return cells


@given(steps, st.lists(st.tuples(within, within), min_size=1, max_size=40))
def test_every_point_of_a_grid_without_gaps_belongs_to_exactly_one_cell(offsets, points):
    grid = crooked(offsets)
    corners = shapely.get_coordinates([cell.shape for cell in grid])
    lng = np.concatenate([[WEST + x for x, _ in points], corners[:, 0]]).clip(WEST, WEST + SIZE * SIDE)
    lat = np.concatenate([[SOUTH + y for _, y in points], corners[:, 1]]).clip(SOUTH, SOUTH + SIZE * SIDE)
    units, hows = Cells(grid, nearest_within_m=1).locate_many(lng, lat)
    # rounding may push a point of the frame out by less than a metre: it is then the nearest cell's
    assert (units >= 0).all()
    assert set(hows.tolist()) <= {HOWS.index(How.INSIDE), HOWS.index(How.NEAREST)}
    backwards, _ = Cells(grid[::-1], nearest_within_m=1).locate_many(lng, lat)
    assert (units == backwards).all()


@given(steps, st.lists(st.tuples(st.floats(-0.01, 0.08), st.floats(-0.01, 0.08)), min_size=1, max_size=30))
def test_one_point_and_many_points_get_the_same_answer(offsets, points):
    cells = Cells(crooked(offsets), nearest_within_m=200)
    lng = np.array([WEST + x for x, _ in points])
    lat = np.array([SOUTH + y for _, y in points])
    units, hows = cells.locate_many(lng, lat)
    single = [cells.locate(x, y) for x, y in zip(lng, lat, strict=True)]
    assert units.tolist() == [found.index for found in single]
    assert [HOWS[h] for h in hows] == [found.how for found in single]


def test_a_point_on_a_border_belongs_to_the_cell_with_the_lower_code():
    cells = [Cell(7, 1, "B", True, square(0, 0)), Cell(3, 1, "A", True, square(1, 0))]
    found = Cells(cells, nearest_within_m=200).locate(WEST + SIDE, SOUTH + SIDE / 2)
    assert (found.index, found.how) == (3, How.INSIDE)


def test_the_deepest_cell_that_holds_the_point_wins():
    cells = [Cell(0, 0, "T", False, square(0, 0, 2, 2)), Cell(1, 1, "V", True, square(0, 0))]
    both = Cells(cells, nearest_within_m=0)
    assert both.locate(WEST + SIDE / 2, SOUTH + SIDE / 2).index == 1
    assert both.locate(WEST + 1.5 * SIDE, SOUTH + SIDE / 2).index == 0


@pytest.mark.parametrize(("metres", "how"), [(150, How.NEAREST), (199, How.NEAREST), (201, How.NONE)])
def test_a_point_outside_goes_to_the_nearest_cell_within_the_tolerance_and_is_marked(metres, how):
    cells = Cells([Cell(0, 0, "A", True, square(0, 0))], nearest_within_m=200)
    east = metres / METRES_A_DEGREE / np.cos(np.radians(SOUTH))
    found = cells.locate(WEST + SIDE + east, SOUTH + 0.001)
    assert found.how is how
    assert found.index == (0 if how is How.NEAREST else -1)
    if how is How.NEAREST:
        assert found.metres == pytest.approx(metres, abs=1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_coordinates_that_are_no_place_are_nowhere(value):
    cells = Cells([Cell(0, 0, "A", True, square(0, 0))], nearest_within_m=200)
    assert cells.locate(value, SOUTH).how is How.NONE
    units, hows = cells.locate_many(np.array([value, WEST]), np.array([SOUTH, SOUTH]))
    assert (units.tolist(), hows.tolist()) == ([-1, 0], [0, HOWS.index(How.INSIDE)])


def test_a_territory_without_boundaries_locates_nothing():
    units, hows = Cells([], nearest_within_m=200).locate_many(np.array([WEST]), np.array([SOUTH]))
    assert (units.tolist(), hows.tolist()) == ([-1], [0])
    assert Cells([], nearest_within_m=200).locate(WEST, SOUTH).how is How.NONE


@pytest.mark.django_db
def test_the_snapshot_walks_the_tree():
    tree = town()
    grid = tree.by_code("310199101001-A01")
    assert grid is not None
    assert [u.name for u in tree.chain(grid.id)] == ["禾泾镇", "西村村委会", "西村第1网格"]
    assert tree.ancestors(grid.id)[-1] == grid.id
    assert tree.depth(grid.id) == 2
    assert tree.path_text(grid.id).zh == "禾泾镇 / 西村村委会 / 西村第1网格"
    assert tree.path_text(grid.id).en == "Hejing Town / West Village / 西村第1网格"
    (root,) = tree.roots()
    assert [u.code[-3:] for u in tree.children(root.id)] == ["001", "002"]
    assert len(tree.descendants(root.id)) == 4
    assert tree.ancestors(uuid4()) == ()
    assert tree.by_code("310199101") == root


@pytest.mark.django_db
def test_the_snapshot_locates_in_the_lowest_cells_first(django_assert_num_queries):
    tree = town()
    assert tree.locate(WEST, SOUTH).unit.code == "310199101001-A01"
    with django_assert_num_queries(0):
        assert tree.locate(WEST + 0.5 * SIDE, SOUTH + SIDE).unit.code == "310199101001-A01"
        assert tree.locate(WEST + 1.5 * SIDE, SOUTH + SIDE).unit.code == "310199101001-A02"
        assert tree.locate(WEST + 3.5 * SIDE, SOUTH + SIDE).unit.code == "310199101002"
        near = tree.locate(WEST + 4 * SIDE + NUDGE, SOUTH + SIDE)
        assert (near.unit.code, near.how) == ("310199101002", How.NEAREST)
        assert tree.locate(WEST - 1, SOUTH).unit is None
