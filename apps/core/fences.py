"""The second fence as migration operations: two policies on every scoped table."""

from django.db.migrations.operations import RunSQL

ROLES = """
DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY['portal_scoped', 'portal_root'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN EXECUTE format('CREATE ROLE %I NOLOGIN', name); EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    END IF;
    IF NOT pg_has_role(current_user, name, 'MEMBER') THEN EXECUTE format('GRANT %I TO %I', name, current_user); END IF;
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO portal_scoped, portal_root;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_scoped, portal_root;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO portal_scoped, portal_root;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_scoped, portal_root;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO portal_scoped, portal_root;
"""

INSIDE = "{column} ^@ ANY ((SELECT string_to_array(current_setting('portal.roots', true), ','))::text[])"
ABOVE = "EXISTS (SELECT FROM unnest(string_to_array(current_setting('portal.roots', true), ',')) AS r(root) WHERE r.root <> '' AND r.root ^@ org_path)"


class Roles(RunSQL):
    """Creates the two database roles where missing and grants them what tables there are and will be."""

    def __init__(self) -> None:
        super().__init__(ROLES, RunSQL.noop)

    def deconstruct(self):
        return (self.__class__.__qualname__, [], {})


class Fence(RunSQL):
    """Row-level security on ``table`` (column ``org_path``).

    ``portal_scoped`` reads and writes only below its roots, ``portal_root`` everything, anybody else (the owner too) nothing.
    ``append_only`` leaves neither UPDATE nor DELETE to either role; ``anyone_inserts`` lets a row be written for another place;
    ``shared_with`` names a second column whose place sees and writes the row as well. ``seen_below``: places below the row's own read it
    (an undertaking of the city in its counties), but write nothing, and nobody but the top deletes.
    """

    def __init__(self, table: str, append_only: bool = False, anyone_inserts: bool = False, shared_with: str = "", seen_below: bool = False) -> None:
        self.arguments = {"table": table, "append_only": append_only, "anyone_inserts": anyone_inserts} | ({"shared_with": shared_with} if shared_with else {})
        self.arguments |= {"seen_below": True} if seen_below else {}
        writing = " OR ".join(INSIDE.format(column=column) for column in ("org_path", shared_with) if column)
        inside = f"{writing} OR {ABOVE}" if seen_below else writing
        check = "true" if anyone_inserts else writing
        sql = [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY inside ON "{table}" TO portal_scoped USING ({inside}) WITH CHECK ({check})',
            f'CREATE POLICY whole ON "{table}" TO portal_root USING (true) WITH CHECK (true)',
        ]
        if append_only:
            sql.append(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM portal_scoped, portal_root')
        if seen_below:
            sql.append(f'REVOKE DELETE, TRUNCATE ON "{table}" FROM portal_scoped')
        undo = [
            f'DROP POLICY inside ON "{table}"',
            f'DROP POLICY whole ON "{table}"',
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ]
        super().__init__(";\n".join(sql) + ";", ";\n".join(undo) + ";")

    def deconstruct(self):
        return (self.__class__.__qualname__, [], self.arguments)

    def describe(self) -> str:
        return f"Fence {self.arguments['table']}"
