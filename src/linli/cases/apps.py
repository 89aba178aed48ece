from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "linli.cases"
    label = "cases"

    def ready(self) -> None:
        from linli.cases.actions import part_timers, timers

        timers.listen()
        part_timers.listen()
