"""Every write of the loop: `opening` makes cases, `moves` moves them, `timers` hears their clocks."""
