"""The pages of the desks, by what they are about."""
