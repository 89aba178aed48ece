from django.apps import AppConfig


class ResponsibilityConfig(AppConfig):
    name = "linli.responsibility"
    label = "responsibility"
