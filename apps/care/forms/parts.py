"""Who does what about an item, and ticking one's part."""

from datetime import date

from django import forms

from apps.cadres.selectors.places import place_choices
from apps.care.actions.parts import Wanted
from apps.care.models import ItemPart, PartState, Side
from apps.core.forms import PortalForm
from apps.core.scope import Scope


class DivideForm(PortalForm):
    """Three fields per side; a ticked side can't be changed."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, today: date, present: list[ItemPart], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        places = [("", "（系统里没有，写名称）"), *place_choices(scope, today)]
        known = {part.side: part for part in present}
        self.sections = ()
        for side, label in Side.choices:
            part = known.get(side)
            place = part.org_id if part and part.who == str(part.org) else None
            if part and part.state == PartState.DONE:
                continue
            self.fields[f"task_{side}"] = forms.CharField(label="做什么", max_length=200, required=False, initial=part.task if part else "", help_text="不参与的留空。")
            self.fields[f"org_{side}"] = forms.TypedChoiceField(
                label="哪个单位", coerce=int, empty_value=None, choices=places, required=False, initial=place
            )
            self.fields[f"who_{side}"] = forms.CharField(label="单位名称（系统里没有的）", max_length=80, required=False, initial=part.who if part and place is None else "")
            self.sections = (*self.sections, (label, (f"task_{side}", f"org_{side}", f"who_{side}")))

    def wanted(self, organizations: dict) -> list[Wanted]:
        given, found = self.cleaned_data, []
        for side in Side.values:
            if f"task_{side}" in self.fields:
                found.append(Wanted(side, organizations.get(given[f"org_{side}"]), given[f"who_{side}"], given[f"task_{side}"]))
        return found


class PartForm(PortalForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(label="办理情况", max_length=200, widget=forms.Textarea(attrs={"rows": 3}), required=False)
