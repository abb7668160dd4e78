"""The least SQL that yields what a page shows, one statement per page, written by hand. Named parameters: ``lo``, ``hi`` (the place), ``today``, ``pk``, ``q``."""

ROW = """
SELECT c.id, c.name, c.sex, c.born_on, c.retire_kind, c.attention_class, c.rank, c.living, c.health, c.self_care, c.original_unit, c.phone_masked, c.id_masked,
       c.updated_at, o.name, u.name
FROM cadres_cadre c JOIN accounts_organization o ON o.id = c.org_id LEFT JOIN accounts_organization u ON u.id = o.parent_id
WHERE c.org_path >= %(lo)s AND c.org_path < %(hi)s AND c.standing = 'active'
"""
ORDERED = " ORDER BY c.org_path, c.name_sort, c.id LIMIT 51"
FOUND = ROW + " AND c.search @@ (%(q)s)::tsquery" + ORDERED

PEOPLE = """
SELECT split_part(org_path, '/', %(depth)s), count(*), count(*) FILTER (WHERE retire_kind = 'lixiu'), count(*) FILTER (WHERE attention_class = 'key'),
  count(*) FILTER (WHERE attention_class = 'regular'), count(*) FILTER (WHERE born_on <= %(today)s::date - 29220), count(*) FILTER (WHERE born_on <= %(today)s::date - 32873)
FROM cadres_cadre WHERE org_path >= %(lo)s AND org_path < %(hi)s AND standing = 'active' GROUP BY 1
"""
SERVED = """
SELECT split_part(org_path, '/', %(depth)s), count(*), count(*) FILTER (WHERE visit_due_on < %(today)s), count(*) FILTER (WHERE contact_due_on < %(today)s),
  count(*) FILTER (WHERE last_visit_on >= date_trunc('quarter', %(today)s::date)), count(*) FILTER (WHERE attention_class = 'key' AND last_contact_on < %(today)s::date - 30)
FROM care_serviceplan WHERE org_path >= %(lo)s AND org_path < %(hi)s AND state = 'active' GROUP BY 1
"""
SEEN = """
SELECT split_part(org_path, '/', %(depth)s), count(*), count(*) FILTER (WHERE in_person) FROM care_visit
WHERE org_path >= %(lo)s AND org_path < %(hi)s AND visited_on >= date_trunc('quarter', %(today)s::date) AND voided_at IS NULL GROUP BY 1
"""
DUE = """
(SELECT p.id, p.{due}, p.{last}, c.name, c.address, c.phone_masked, o.name
 FROM care_serviceplan p JOIN cadres_cadre c ON c.id = p.cadre_id JOIN accounts_organization o ON o.id = p.org_id
 WHERE p.state = 'active' AND p.org_path >= %(lo)s AND p.org_path < %(hi)s AND p.{due} <= %(today)s::date + 7 ORDER BY p.{due}, p.id LIMIT 51)
"""
COUNTED = """
SELECT count(*) FILTER (WHERE visit_due_on < %(today)s), count(*) FILTER (WHERE contact_due_on < %(today)s), count(*) FILTER (WHERE visit_due_on = %(today)s)
FROM care_serviceplan WHERE state = 'active' AND org_path >= %(lo)s AND org_path < %(hi)s AND (visit_due_on <= %(today)s::date + 7 OR contact_due_on <= %(today)s::date + 7)
"""
VISITS = """
SELECT v.id, v.visited_on, v.way, v.situation, c.name, o.name, w.display_name
FROM care_visit v JOIN cadres_cadre c ON c.id = v.cadre_id JOIN accounts_organization o ON o.id = v.org_id JOIN accounts_user w ON w.id = v.worker_id
WHERE v.org_path >= %(lo)s AND v.org_path < %(hi)s AND v.voided_at IS NULL ORDER BY v.visited_on DESC, v.id DESC LIMIT 51
"""
PLANS = """
SELECT p.*, c.name, o.name, w.display_name FROM care_serviceplan p JOIN cadres_cadre c ON c.id = p.cadre_id JOIN accounts_organization o ON o.id = p.org_id
LEFT JOIN accounts_user w ON w.id = p.worker_id WHERE p.org_path >= %(lo)s AND p.org_path < %(hi)s AND p.year = extract(year FROM %(today)s::date) ORDER BY p.id LIMIT 51
"""
PERSON = (
    "SELECT * FROM cadres_cadre WHERE id = %(pk)s",
    "SELECT * FROM care_serviceplan WHERE cadre_id = %(pk)s",
    "SELECT * FROM care_visit WHERE cadre_id = %(pk)s ORDER BY visited_on DESC LIMIT 20",
    "SELECT * FROM cadres_statuschange WHERE cadre_id = %(pk)s",
)
DUTIES = (DUE.format(due="visit_due_on", last="last_visit_on"), DUE.format(due="contact_due_on", last="last_contact_on"), COUNTED)
