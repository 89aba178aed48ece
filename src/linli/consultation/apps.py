from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    name = "linli.consultation"
    label = "consultation"

    def ready(self) -> None:
        from linli.consultation.actions import timers

        timers.listen()
