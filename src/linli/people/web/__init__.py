"""Pages of this room: `posts` and `departments` for all staff, changed by administrators; `accounts` for them."""
