from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "linli.followup"
    label = "followup"
