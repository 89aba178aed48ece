"""Pages of this room: `whistles` (list, blow, one whistle), `spot` (code, report in), `meetings`, `lists`, `parts`."""
