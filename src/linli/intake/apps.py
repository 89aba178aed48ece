from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "linli.intake"
    label = "intake"

    def ready(self) -> None:
        """Register the work on batches."""
        from linli.intake.actions import batch_runs  # noqa: F401 - importing it registers the job
