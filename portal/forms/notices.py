"""Which notice a person opens."""

from django import forms


class NoticeForm(forms.Form):
    """The number of a notice of one's own."""

    notice = forms.IntegerField(min_value=1, max_value=2**63 - 1)
