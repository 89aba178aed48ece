from django.apps import AppConfig
from django.utils.functional import lazystr

from linli.kernel.text import Text


class PeopleConfig(AppConfig):
    name = "linli.people"
    label = "people"
    verbose_name = lazystr(Text("岗位与人员", "Posts and people"))
