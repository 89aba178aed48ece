"""Pages by what a resident comes for: `home`, `report`, `track`."""
