"""Every write of this room: `proposals` (matrix and duty list), `chiefs`, `advisers`, `squads`."""

from linli.responsibility.actions.advisers import Signed, end_contract, sign_contract
from linli.responsibility.actions.chiefs import end_chief, name_chief
from linli.responsibility.actions.proposals import give_up, propose_cell, propose_file, put_in_force, renew
from linli.responsibility.actions.squads import claim, dissolve_squad, set_squad

__all__ = [
    "Signed",
    "claim",
    "dissolve_squad",
    "end_chief",
    "end_contract",
    "give_up",
    "name_chief",
    "propose_cell",
    "propose_file",
    "put_in_force",
    "renew",
    "set_squad",
    "sign_contract",
]
