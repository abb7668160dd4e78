"""`manage.py rotate_field_keys`: after a new key or algorithm has been set, write every encrypted value under it."""

from django.core.management.base import BaseCommand, CommandError

from apps.core.key_rotation import BATCH, encrypted_fields, outdated, rotate


class Command(BaseCommand):
    help = "用当前密钥和算法重新加密所有加密字段；可在使用中运行，可中断后重来。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="只统计还在使用旧密钥的数据，有则退出码为 1")
        parser.add_argument("--batch", type=int, default=BATCH, help="每批条数")

    def handle(self, *, check, batch, **options) -> None:
        left = 0
        for field in encrypted_fields():
            name = f"{field.model._meta.db_table}.{field.column}"
            changed, closed = 0, []
            if not check:
                for count, unopened in rotate(field, batch):
                    changed += count
                    closed += unopened
            old = outdated(field)
            left += old
            self.stdout.write(f"{name}：" + (f"旧密钥 {old} 条" if check else f"已重新加密 {changed} 条，余 {old} 条"))
            if closed:
                self.stderr.write(f"{name}：{len(closed)} 条无法用现有密钥打开，编号：{'、'.join(map(str, closed[:20]))}")
        if left:
            raise CommandError(f"还有 {left} 条数据使用旧密钥，请保留旧密钥。")
        self.stdout.write("所有加密数据都使用当前密钥，旧密钥可以停用。")
