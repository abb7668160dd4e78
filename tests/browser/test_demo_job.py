"""The main job, whole: a messy roster becomes people with plans, somebody is visited, the leader sees it and takes the quarter's report along."""

import re

from tests.browser.pictures import Album
from tests.browser.steps import care, leading, roster, staff


def test_from_the_roster_to_the_report(visitor, artifacts, tmp_path):
    album = Album(artifacts)

    # given a leader who knows the county's figures, and a roster with eight bad rows
    leader = visitor("demo_leader")
    people_before = leading.people_of(leader, "柴桑区")
    importer = visitor("demo_import")

    # when the roster is taken in
    roster.upload(importer, roster.ROSTER, album)
    roster.every_bad_cell_is_named(importer, album)
    refused = roster.apply_good_rows(importer, tmp_path, album)

    # and what was refused is corrected and taken in too
    roster.correct(refused)
    roster.upload(importer, refused)
    roster.apply_all(importer)

    # then everybody of the roster is there, once
    assert leading.people_of(leader, "柴桑区") == people_before + roster.PEOPLE
    leading.shot(leader, album)

    # given an officer of that county, made by the system administrator, with a password only she knows
    admin = visitor("demo_sys")
    initial = staff.make_officer(admin, album)
    officer = visitor()
    staff.first_sign_in(officer, initial, album)

    # when she decides the classes
    care.open_plans(officer)
    care.accept_suggestions(officer, album)

    # then the work list says who is due, and why
    phone = visitor(size="phone").sign_in(staff.USERNAME, staff.PASSWORD)
    name, person = care.who_is_due(officer, phone, roster.names(), album)

    # when she visits one of them and writes it down on the phone
    visits_before = leading.visits_of(leader, "柴桑区")
    care.log_visit(phone, name, tmp_path, album)

    # then the visit stands in the person's file, and the leader's figure has moved
    visit = care.visit_is_in_the_file(officer, name, person, album)
    assert leading.visits_of(leader, "柴桑区") == visits_before + 1

    # and the quarter's report is a document that tells of it
    document = leading.build_report(leader, "柴桑区", tmp_path, album)
    assert "柴桑区" in document
    assert re.search(r"走访联系\D*\d+", document)

    # and the neighbour county finds none of these people
    care.neighbour_sees_nothing(visitor("demo_neighbour"), [person, visit], name)
