"""Pages of following up, for staff: `calling`, `rates`, `exclusions`, `drawing`."""
