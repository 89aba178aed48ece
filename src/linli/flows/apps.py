from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "linli.flows"
    label = "flows"
