"""The example tables agree with the laws that they are there to show. Wrong digits would teach a reader a wrong law."""

from pathlib import Path

import numpy as np

from vgp.tables import read_table

EXAMPLES = Path(__file__).parents[2] / "examples"
AXIS, PERIOD = "semi_major_axis_au", "orbital_period_days"


def kepler_constants(name):
    table = read_table(EXAMPLES / name)
    return table, table.column(PERIOD) / table.column(AXIS) ** 1.5


def test_planets_obey_keplers_third_law():
    table, constants = kepler_constants("planets.csv")
    assert table.n_rows == 8
    np.testing.assert_allclose(constants, 365.256, rtol=1e-3)


def test_dwarf_planets_obey_it_and_moons_obey_it_with_jupiters_mass():
    table, constants = kepler_constants("dwarf_planets_and_moons.csv")
    masses = table.column("central_mass_1e24_kg")
    around_jupiter = np.array(table.label("central_body")) == "Jupiter"
    assert around_jupiter.sum() == 4
    np.testing.assert_allclose(constants[~around_jupiter], 365.256, rtol=1e-3)
    np.testing.assert_allclose(constants * np.sqrt(masses / masses[0]), 365.256, rtol=1e-3)


def test_axes_of_the_moons_are_the_published_kilometres():
    table = read_table(EXAMPLES / "dwarf_planets_and_moons.csv")
    np.testing.assert_allclose(table.column(AXIS)[5:] * 149_597.8707, [421.8, 671.1, 1070.4, 1882.7], rtol=2e-6)


def test_moons_rotate_once_per_orbit():
    table = read_table(EXAMPLES / "dwarf_planets_and_moons.csv")
    np.testing.assert_allclose(table.column("rotation_period_h")[5:], table.column(PERIOD)[5:] * 24, rtol=1e-5)


def test_both_tables_have_the_columns_of_a_model_of_planets():
    planets, others = (read_table(EXAMPLES / name) for name in ("planets.csv", "dwarf_planets_and_moons.csv"))
    assert set(planets.all_names) <= set(others.all_names)


def test_densities_are_those_of_rock_ice_and_gas():
    for name in ("planets.csv", "dwarf_planets_and_moons.csv"):
        table = read_table(EXAMPLES / name)
        volume = 4 / 3 * np.pi * (table.column("radius_km") * 1e3) ** 3
        density = table.column("mass_1e24_kg") * 1e24 / volume
        assert density.min() > 680 and density.max() < 5550, dict(zip(table.label("name"), density, strict=True))
