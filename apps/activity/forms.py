"""Forms of the pages about group robots and deliveries."""

from django import forms

from apps.activity.models import Channel, DeliveryState, MessageForm, RobotKind
from apps.core.forms import Chips, PortalForm


class RobotForm(PortalForm):
    """``kept``: address and secret are there already and stay when left empty."""

    name = forms.CharField(label="名称", max_length=40, help_text="群的名称，如「浔阳区老干部工作群」。")
    kind = forms.ChoiceField(label="类型", choices=RobotKind, widget=Chips, initial=RobotKind.WECOM)
    url = forms.CharField(label="机器人地址", max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
    secret = forms.CharField(
        label="加签密钥", max_length=100, required=False, help_text="仅钉钉，安全设置选「加签」时填写，以 SEC 开头。", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    form = forms.ChoiceField(label="消息格式", choices=MessageForm, widget=Chips, initial=MessageForm.MARKDOWN, help_text="群里显示不正常时改用纯文字。")
    with_names = forms.BooleanField(
        label="消息里写出服务对象姓名", required=False, help_text="默认只发人数和链接。勾选后姓名会经企业微信或钉钉的服务器传送，请先按本单位保密规定确认。"
    )

    def __init__(self, *args, org=None, orgs=None, kept: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if kept:
            self.fields["url"].required = False
            self.fields["url"].help_text = "已加密保存，不再显示。要换地址才填写。"
            self.fields["secret"].help_text = "已有密钥的，留空表示不变。仅钉钉。"
            self.fields["is_active"] = forms.BooleanField(label="启用", required=False)
        else:
            self.fields["url"].help_text = "在群设置里添加机器人后复制的完整地址。保存后加密，不再显示。"
            self.fields["org"] = forms.ModelChoiceField(label="单位", queryset=orgs, help_text="发这个单位及其下级的走访提醒人数。")
            self.fields["org"].label_from_instance = lambda one: f"{'　' * max(one.depth - 2, 0)}{one.name}"
            self.order_fields(["org", "name", "kind", "url", "secret", "form", "with_names"])


class DeliveryFilter(PortalForm):
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *DeliveryState.choices])
    channel = forms.ChoiceField(label="渠道", required=False, choices=[("", "全部"), *Channel.choices])
