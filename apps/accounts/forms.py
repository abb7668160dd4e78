"""Forms of signing in and of the management pages."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不对，请检查大小写。连续输错会暂时锁定。",
        "inactive": "这个账号已停用，请联系系统管理员。",
    }


class NewPasswordForm(PasswordChangeForm):
    error_messages = {**PasswordChangeForm.error_messages, "password_incorrect": "原密码不对。", "password_mismatch": "两次输入的新密码不一致。"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("old_password", "原密码"), ("new_password1", "新密码"), ("new_password2", "再输一次新密码")):
            self.fields[name].label = label
        self.fields["old_password"].widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
