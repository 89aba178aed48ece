"""The demo town 禾泾镇: a fictional place, its people, and 90 days in which they used Linli.

Everything in it is made by the town's own actions under a moving clock; no row is inserted beside them.
"""
