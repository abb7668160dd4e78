"""`manage.py rotate_field_keys`: after a new key or algorithm has been set, write every encrypted value and sealed file under it."""

from django.core.management.base import BaseCommand, CommandError

from apps.core.key_rotation import BATCH, KEEPERS, encrypted_fields, outdated, rotate


class Command(BaseCommand):
    help = "用当前密钥和算法重新加密所有加密字段和加密存放的文件；可在使用中运行，可中断后重来。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="只统计还在使用旧密钥的数据，有则退出码为 1")
        parser.add_argument("--batch", type=int, default=BATCH, help="每批条数")

    def handle(self, *, check, batch, **options) -> None:
        left = 0
        for field in encrypted_fields():
            changed, closed = 0, []
            for count, unopened in () if check else rotate(field, batch):
                changed += count
                closed += unopened
            left += self.tell(f"{field.model._meta.db_table}.{field.column}", check, outdated(field), changed, closed)
        for keeper in KEEPERS.values():
            changed, closed = (0, []) if check else keeper.rotate()
            left += self.tell(keeper.title, check, keeper.outdated(), changed, closed)
        if left:
            raise CommandError(f"还有 {left} 条数据使用旧密钥，请保留旧密钥。")
        self.stdout.write("所有加密数据都使用当前密钥，旧密钥可以停用。")

    def tell(self, name: str, check: bool, old: int, changed: int, closed: list) -> int:
        """One line about one set; returns how many are left under old keys."""
        self.stdout.write(f"{name}：" + (f"旧密钥 {old} 条" if check else f"已重新加密 {changed} 条，余 {old} 条"))
        if closed:
            self.stderr.write(f"{name}：{len(closed)} 条无法用现有密钥打开，编号：{'、'.join(map(str, closed[:20]))}")
        return old
