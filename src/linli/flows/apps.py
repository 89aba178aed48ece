from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "linli.flows"
    label = "flows"

    def ready(self) -> None:
        from linli.flows import spare_calls, tell_helpers, tell_reporter, tell_staff, tell_whistle  # noqa: F401 - importing registers the stories
