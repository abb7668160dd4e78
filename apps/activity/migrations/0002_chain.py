from django.db import migrations

from apps.core.fences import Fence

SEAL = """
CREATE FUNCTION activity_audit_text(e activity_auditevent) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_array(e.id, extract(epoch FROM e.at), e.org_path, e.actor_id, e.actor, e.role, e.verb, e.label, e.key, e.title, e.note,
                           e.data, e.address, e.request_id)::text
$$;
CREATE FUNCTION activity_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE place bigint; link bytea;
BEGIN
  INSERT INTO activity_audithead (id, seq, hash) VALUES (1, 1, '')
    ON CONFLICT (id) DO UPDATE SET seq = activity_audithead.seq + 1
    RETURNING seq, hash INTO place, link;
  link := sha256(link || convert_to(activity_audit_text(NEW), 'UTF8'));
  UPDATE activity_audithead SET hash = link WHERE id = 1;
  INSERT INTO activity_auditseal (seq, event_id, hash) VALUES (place, NEW.id, link);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON activity_auditevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION activity_seal();
REVOKE INSERT, UPDATE, DELETE ON activity_auditseal, activity_audithead FROM portal_scoped, portal_root;
"""

UNSEAL = """
DROP TRIGGER audit_seal ON activity_auditevent;
DROP FUNCTION activity_seal();
DROP FUNCTION activity_audit_text(activity_auditevent);
"""


class Migration(migrations.Migration):
    """Each audit event is sealed into one chain at the very end of its transaction, so that the chain's lock is held only while committing."""

    dependencies = [("activity", "0001_initial")]

    operations = [
        Fence("activity_auditevent", append_only=True, anyone_inserts=True),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
