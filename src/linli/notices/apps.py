from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "linli.notices"
    label = "notices"

    def ready(self) -> None:
        """Register the sending job."""
        from linli.notices import sending  # noqa: F401 - importing it registers the job
