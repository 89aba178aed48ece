"""Pages of this room: `matrix` (grid and cells), `proposals` (files, previews, what-if), `findings`, `duties`."""
