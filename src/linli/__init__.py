"""Linli 邻里: what a town uses to run its neighbourhoods. The house is described in docs/explanation."""

__version__ = "0.1.0"
