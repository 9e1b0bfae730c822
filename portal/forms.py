"""What the portal's own pages accept from a browser."""

from django import forms


class SearchForm(forms.Form):
    """The search line above a list; an unknown order falls back to the default."""

    q = forms.CharField(label="Поиск", required=False, max_length=100)
    order = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


class MembershipForm(forms.Form):
    """The choice of a membership at the top of the page."""

    membership = forms.IntegerField()
