from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    name = "linli.consultation"
    label = "consultation"
