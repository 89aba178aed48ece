from django.apps import AppConfig


class JointConfig(AppConfig):
    name = "linli.joint"
    label = "joint"
