import os

import psycopg2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg2 import sql


class Command(BaseCommand):
    """Drops and makes anew the embedded database that ``PORTAL_DB`` names. For tests and for starting over; never the main database, never in production."""

    help = "重建 PORTAL_DB 指定的内置数据库（测试用）。"
    requires_system_checks = []

    def handle(self, *args, **options) -> None:
        name = os.environ.get("PORTAL_DB", "")
        if not settings.DEMO_ALLOWED or os.environ.get("DATABASE_URL") or name in ("", "portal"):
            raise CommandError("只能重建 PORTAL_DB 另行指定的内置数据库。")
        here = connection.get_connection_params()
        connection.close()
        admin = psycopg2.connect(**{**here, "dbname": "postgres"})
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        admin.close()
