"""Django form fields as what `ui/form/field.html` shows: one look and one way to say what is wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.safestring import SafeString

_LOOKS = (
    (forms.RadioSelect, "cards"),
    (forms.CheckboxSelectMultiple, "checks"),
    (forms.CheckboxInput, "check"),
    (forms.Textarea, "textarea"),
    (forms.Select, "select"),
)


def of(bound: BoundField, **extra: Any) -> dict[str, Any]:
    """What the template of one field needs: id, name, label, help, errors, required, look, control, options.

    `extra` replaces any of these, `label` and `help` above all.
    """
    widget = bound.field.widget
    if widget.is_hidden:
        return {"look": "hidden", "control": bound, "errors": bound.errors, "id": bound.id_for_label}
    look = next((name for kind, name in _LOOKS if isinstance(widget, kind)), "input")
    given = {"label": bound.label, "help": bound.help_text} | extra
    identity = bound.id_for_label or bound.auto_id
    below = ((f"{identity}-help", given["help"]), (f"{identity}-error", bound.errors))
    described = " ".join(part for part, there in below if there)
    attrs: dict[str, Any] = {"class": _css(look, bool(bound.errors))}
    if described:
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    several = look in ("cards", "checks")
    return {
        "id": identity,
        "name": bound.html_name,
        "errors": bound.errors,
        "required": bound.field.required,
        "look": look,
        "described": described,
        "control": None if several else _control(bound, attrs),
        "options": [
            {"id": one.id_for_label, "label": one.choice_label, "tag": one.tag(wrap_label=False)}
            for one in bound.subwidgets
        ]
        if several
        else [],
    } | given


def _control(bound: BoundField, attrs: dict[str, Any]) -> SafeString:
    widget = bound.field.widget
    built = bound.build_widget_attrs(attrs, widget)
    # Django would name the field's own help text, which the page may have replaced.
    built.pop("aria-describedby", None)
    built |= {"id": bound.id_for_label or bound.auto_id} | attrs
    return SafeString(widget.render(bound.html_name, bound.value(), built, bound.form.renderer))


def _css(look: str, wrong: bool) -> str:
    css = {"select": "form-select", "check": "form-check-input"}.get(look, "form-control")
    return f"{css} is-invalid" if wrong else css
