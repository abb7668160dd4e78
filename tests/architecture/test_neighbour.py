"""Every address of the portal asked as a neighbour county, for reading and for writing.

One county is filled with one of everything; each record bears ``MARK``. A new address with an argument must be given its record in ``arguments``
or named in ``SHARED``: an unlisted one fails.
"""

import uuid
from datetime import date

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import ROLES, Right, Role
from apps.activity.models import Delivery, GroupMessage, GroupRobot, Notification
from apps.branches.models import (
    Activity,
    Application,
    Area,
    Ballot,
    Branch,
    Committee,
    Draw,
    DuesPayment,
    ElectionPaper,
    Exemplar,
    Inspection,
    Objection,
    Participation,
    PartyMember,
    Pledge,
    Rectification,
    Standard,
)
from apps.brands.models import Brand, Entry, PlannedStep, Practice, PracticeList, QuarterReport, Question, ReviewRound, Spread, StudyPhase, StudyPlan
from apps.cadres.columns import prepare
from apps.cadres.models import Cadre, MergeRecord, Relative, StatusChange, Survivor, TransferRequest, Treatment
from apps.care.models import (
    Absence,
    AidBudget,
    AidStandard,
    Campaign,
    CaseStep,
    DoctorContract,
    Handover,
    HardshipCase,
    ItemPart,
    PlanEdition,
    PlanItem,
    ServicePlan,
    SurveyAnswer,
    SurveyQuestion,
    ToDo,
    Visit,
    VisitSample,
)
from apps.core.scope import system_scope
from apps.files import storage
from apps.files.models import ColumnMemory, ExportRun, ImportBatch, ReportRun

MARK = "邻县不应见"
DAY = date(2026, 3, 1)
SHARED = {
    "cadres:code_add", "cadres:code", "files:template", "files:kind",
    "accounts:token_revoke", "care:rule_frequency", "care:rule_stage", "care:rule_suggestion", "care:rule_suggestion_end",
    "care:rule_calendar_remove", "care:rule_occasion", "care:rule_occasion_end", "care:rule_threshold",
    "care:aid_standard", "branches:rule", "branches:standard", "branches:standard_edit", "branches:standard_act", "pledge_page", "public_name",
}  # fmt: skip
"""A page of pledges is for anybody who has its address (tests/branches/test_pledges.py).
Code tables, rules and blank templates are one for the whole deployment; who may change them is a right, not a place. Tokens are one's own."""
NO_BUSINESS = {"readyz", "healthz", "logout", "login", "elder_mode", "choose_membership", "keepalive", "password_change"}


def every(patterns, namespace=""):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield namespace + (pattern.name or ""), pattern
        else:
            yield from every(pattern.url_patterns, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


PATTERNS = dict(every(get_resolver().url_patterns))
WITH_ARGUMENTS = sorted(name for name, pattern in PATTERNS.items() if pattern.pattern.converters or pattern.pattern.regex.groupindex)
WITHOUT = sorted(set(PATTERNS) - set(WITH_ARGUMENTS) - NO_BUSINESS)


def rights_of(name):
    view = PATTERNS[name].callback
    source = getattr(view, "cls", view)
    return set(getattr(source, "rights", ())) | set(getattr(source, "write_rights", ()))


@pytest.fixture
def filled(places, person):
    """One of everything in 浔阳区, and who works there."""
    unit, worker = places["浔阳区教育局"], person("浔阳区", Role.WORKER, username="marked", display_name=MARK)
    with system_scope("test"):
        cadre = Cadre.objects.create(org=unit, retire_kind="retired", **prepare({"name": MARK, "born_on": date(1940, 1, 1), "phone": "12000000001"}))
        relative = Relative.objects.create(cadre=cadre, org=unit, relation="长子", name=MARK)
        survivor = Survivor.objects.create(cadre=cadre, org=unit, name=MARK)
        treatment = Treatment.objects.create(cadre=cadre, org=unit, kind="living", content=MARK)
        plan = ServicePlan.objects.create(cadre=cadre, org=unit, year=2026, attention_class="key", starts_on=DAY, worker=worker)
        visit = Visit.objects.create(cadre=cadre, org=unit, visited_on=DAY, occasion="daily", way="home", situation=MARK, worker=worker, once=uuid.uuid4())
        content = {"year": 2026, "name": MARK, "org": MARK, "class": "重点关注", "items": []}
        edition = PlanEdition.objects.create(plan=plan, org=unit, content=content, submitted_by=worker, submitted_at=timezone.now())
        item = PlanItem.objects.create(plan=plan, org=unit, category="medical", need=MARK, worker=worker)
        part = ItemPart.objects.create(item=item, org=unit, side="unit", who=MARK, task=MARK, person=MARK, need=MARK)
        document = storage.save(b"%PDF-1.4 x", name=f"{MARK}.pdf", content_type="application/pdf", label="cadres.Cadre", subject_id=cadre.pk, org=unit, by=worker)
        batch = ImportBatch.objects.create(org=unit, kind="roster", state="checked", file=document, created_by=worker)
        memory = ColumnMemory.objects.create(org=unit, kind="roster", title=MARK, field="note", confirmed_by=worker)
        twin = Cadre.objects.create(org=unit, retire_kind="retired", **prepare({"name": MARK, "born_on": date(1940, 1, 1)}))
        merge = MergeRecord.objects.create(kept=cadre, absorbed=twin, org=unit, merged_by=worker, merged_at=timezone.now(), undone_by=worker, undone_at=timezone.now())
        away = Cadre.objects.create(org=places["齐齐哈尔市"], retire_kind="retired", **prepare({"name": "远方", "born_on": date(1941, 1, 1)}))
        transfer = TransferRequest.objects.create(
            cadre=away, org=unit, giver_path="/23/2302/", giver_name=MARK, name=MARK, asked_by=worker, asked_at=timezone.now(), expires_on=date(2027, 1, 1)
        )
        report = ReportRun.objects.create(org=places["浔阳区"], kind="quarterly_visits", period="2026Q1", state="ready", document=document, annex=document, created_by=worker)
        todo = ToDo.objects.create(cadre=cadre, org=unit, source="occasion", rule="x", title=MARK, opens_on=DAY, due_on=DAY, first_due_on=DAY, worker=worker)
        admission = StatusChange.objects.create(cadre=cadre, org=unit, kind="admitted", effective_on=DAY, recorded_by=worker)
        sample = VisitSample.objects.create(org=places["浔阳区"], week=DAY, seed=1, rows=[[visit.pk, []]], drawn_by=worker)
        other = person("浔阳区", Role.WORKER, username="second", display_name=MARK)
        handover = Handover.objects.create(cadre=cadre, org=unit, giver=worker, receiver=other, created_by=worker)
        absence = Absence.objects.create(org=places["浔阳区"], worker=worker, deputy=other, starts_on=DAY, ends_on=date(2099, 1, 1), reason=MARK, created_by=worker)
        campaign = Campaign.objects.create(org=unit, title=MARK, occasion="festival", starts_on=DAY, ends_on=DAY, created_by=worker)
        rule = AidStandard.objects.create(kind="illness", ceiling=5000, valid_from=DAY)
        aid = HardshipCase.objects.create(
            cadre=cadre, org=unit, year=2026, kind="illness", applicant="unit", applicant_name=MARK, reason=MARK, amount_asked=3000, state="published", standard=rule,
            created_by=worker, created_at=timezone.now(), published_on=DAY, publicity_ends_on=timezone.localdate(), once=uuid.uuid4(),
        )  # fmt: skip
        CaseStep.objects.create(case=aid, org=unit, step="publish", after="published", note=MARK, by=worker, at=timezone.now())
        paper = storage.save(b"%PDF-1.4 x", name=f"{MARK}.pdf", content_type="application/pdf", label="care.aid", subject_id=aid.pk, org=unit, by=worker)
        budget = AidBudget.objects.create(org=places["浔阳区"], year=timezone.localdate().year, amount=10000, note=MARK)
        question = SurveyQuestion.objects.create(campaign=campaign, kind="yes_no", text=MARK, category="errand")
        answer = SurveyAnswer.objects.create(campaign=campaign, cadre=cadre, org=unit, answers={question.key: "yes"}, answered_on=DAY, by=worker, once=uuid.uuid4())
        doctor = DoctorContract.objects.create(cadre=cadre, org=unit, doctor=MARK, institution=MARK, starts_on=DAY, ends_on=date(2027, 2, 28), created_by=worker)
        export = ExportRun.objects.create(
            org=places["浔阳区"], kind="people", state="ready", query="{}", columns=["name"], reason=MARK, file=document, finished_at=timezone.now(), created_by=worker
        )
        area = Area.objects.create(org=unit, name=MARK)
        branch = Branch.objects.create(org=unit, name=MARK, area=area)
        term = Committee.objects.create(branch=branch, org=unit, starts_on=DAY, ends_on=date(2029, 3, 1))
        member = PartyMember.objects.create(branch=branch, cadre=cadre, org=unit)
        pledge = Pledge.objects.create(branch=branch, org=unit, year=2026, text=MARK, due_on=date(2026, 12, 31), created_by=worker)
        ballot = Ballot.objects.create(branch=branch, org=unit, title=MARK, year=2026, questions=["总体"], threshold=90, least=5, opened_on=DAY, closes_on=DAY, created_by=worker)
        activity = Activity.objects.create(branch=branch, org=unit, kind="theme", held_on=DAY, title=MARK, created_by=worker)
        held = Participation.objects.create(activity=activity, branch=branch, org=unit, kind="theme", held_on=DAY, title=MARK, host_name=MARK)
        visit_there = Inspection.objects.create(branch=branch, org=unit, kind="stage", planned_on=DAY, team=MARK, created_by=worker)
        mending = Rectification.objects.create(branch=branch, org=unit, source="self", problem=MARK, opened_on=DAY, due_on=DAY, first_due_on=DAY, opened_by=worker)
        election_paper = ElectionPaper.objects.create(term=term, org=unit, step="request", done_on=DAY, by=worker)
        payment = DuesPayment.objects.create(member=member, org=unit, month=DAY.replace(day=1), amount=1, paid_on=DAY, by=worker)
        exemplar = Exemplar.objects.create(branch=branch, org=unit, year=2026, quarter=1, title=MARK, text=MARK, by=worker)
        standard = Standard.objects.create(campaign="x", number=1)
        applied = Application.objects.create(branch=branch, org=unit, standard=standard, year=2026, story=MARK)
        objection = Objection.objects.create(application=applied, org=unit, text=MARK)
        brand = Brand.objects.create(org=unit, name=MARK, line="role", state="building", approved_on=DAY)
        spread = Spread.objects.create(brand=brand, org=unit, rung="pilot", place=MARK, since=DAY, evidence=MARK)
        month = PlannedStep.objects.create(brand=brand, org=unit, month=DAY, text=MARK)
        progress = QuarterReport.objects.create(brand=brand, org=unit, year=2026, quarter=1, done=MARK, state="submitted", submitted_on=DAY, submitted_by=worker)
        held_round = ReviewRound.objects.create(
            org=places["浔阳区"], title=MARK, criteria={"material": [], "stage": []}, weights={"material": 100, "stage": 0, "vote": 0}, stage_seconds=1, opened_on=DAY,
            opened_by=worker,
        )
        entry = Entry.objects.create(round=held_round, org=places["浔阳区"], brand=brand, order=1)
        listed = PracticeList.objects.create(org=places["浔阳区"], year=2026, number=1, title=MARK)
        steps = {"steps": [MARK] * 3, "conditions": MARK, "results": MARK, "contact": MARK, "fit_for": ["county"]}
        practice = Practice.objects.create(listed=listed, org=places["浔阳区"], number=1, brand=brand, brand_name=MARK, owner=unit, title=MARK, **steps)
        asked = Question.objects.create(practice=practice, org=places["浔阳区"], asker=unit, asked_by=worker, asked_on=DAY, text=MARK)
        study = StudyPlan.objects.create(practice=practice, org=unit, why=MARK, started_on=DAY, started_by=worker)
        phase = StudyPhase.objects.create(plan=study, org=unit, order=1, text=MARK, due_on=DAY)
        lots = Draw.objects.create(org=unit, purpose="recheck", seed="0", pool=[[1, MARK]], chosen=[[1, MARK]], drawn_by=worker, drawn_at=timezone.now())
        robot = GroupRobot.objects.create(org=places["浔阳区"], name=MARK, kind="wecom", url=f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={MARK}")
        said = GroupMessage.objects.create(robot=robot, org=places["浔阳区"], key="x", title=MARK, created_at=timezone.now())
        delivery = Delivery.objects.create(group_message=said, channel="group", address=MARK, state="failed")
    message = Notification.objects.create(user=worker, key="x", title=MARK, created_at=timezone.now())
    return {
        "cadre": cadre,
        "relative": relative,
        "survivor": survivor,
        "treatment": treatment,
        "plan": plan,
        "visit": visit,
        "item": item,
        "edition": edition,
        "part": part,
        "todo": todo,
        "campaign": campaign,
        "handover": handover,
        "sample": sample,
        "admission": admission,
        "absence": absence,
        "aid": aid,
        "paper": paper,
        "budget": budget,
        "question": question,
        "answer": answer,
        "doctor": doctor,
        "document": document,
        "area": area,
        "branch": branch,
        "term": term, "election_paper": election_paper,
        "member": member,
        "pledge": pledge,
        "ballot": ballot,
        "held": held,
        "inspection": visit_there,
        "rectification": mending,
        "draw": lots,
        "application": applied,
        "payment": payment,
        "exemplar": exemplar,
        "objection": objection,
        "brand": brand, "round": held_round, "entry": entry, "spread": spread, "month": month, "progress": progress,
        "list": listed, "practice": practice, "asked": asked, "study": study, "phase": phase,
        "batch": batch,
        "transfer": transfer,
        "twin": twin,
        "merge": merge,
        "memory": memory,
        "report": report,
        "export": export,
        "message": message,
        "robot": robot,
        "delivery": delivery,
        "user": worker,
        "membership": worker.memberships.get(),
        "org": places["浔阳区"],
    }


def arguments(name, made):
    """Arguments of an address for the marked record; a KeyError here means a new address nobody asked as a neighbour yet."""
    cadre = made["cadre"].pk
    special = {
        "files:download": {"key": made["document"].key},
        "inbox_open": {"pk": made["message"].pk},
        "cadres:merge": {"pk": cadre, "other": made["twin"].pk},
        "cadres:merge_record": {"pk": made["merge"].pk},
        "cadres:transfer": {"pk": made["transfer"].pk},
        "cadres:transfer_rows": {"pk": made["batch"].pk},
        "cadres:transfer_recheck": {"pk": made["batch"].pk},
        "care:card": {"pk": cadre},
        "care:aid_budget": {"pk": made["budget"].pk},
        "care:aid_step": {"pk": made["aid"].pk, "step": "withdraw"},
        "care:aid_paper_remove": {"pk": made["aid"].pk, "key": made["paper"].key},
        "care:doctor_sign": {"pk": cadre},
        "cadres:change": {"pk": cadre, "kind": "deceased"},
        "cadres:row_add": {"pk": cadre, "kind": "relative"},
        "cadres:row": {"pk": cadre, "kind": "relative", "key": made["relative"].pk},
        "cadres:row_remove": {"pk": cadre, "kind": "treatment", "key": made["treatment"].pk},
        "cadres:document_remove": {"pk": cadre, "key": made["document"].key},
        "files:report_people": {"pk": made["report"].pk, "key": "overdue"},
        "files:read_as": {"pk": made["batch"].pk, "kind": "relatives"},
        "files:memory_forget": {"pk": made["memory"].pk},
        "branches:application_step": {"pk": made["application"].pk, "step": "submit"},
        "branches:objection_answer": {"pk": made["application"].pk, "key": made["objection"].pk},
        "branches:election": {"pk": made["term"].pk},
        "branches:election_paper_add": {"pk": made["term"].pk},
        "branches:election_paper_remove": {"pk": made["election_paper"].pk},
        "branches:sheet": {"pk": made["branch"].pk, "year": 2026, "quarter": 1},
        "branches:sheet_edit": {"pk": made["branch"].pk, "year": 2026, "quarter": 1},
        "branches:sheet_step": {"pk": made["branch"].pk, "year": 2026, "quarter": 1, "step": "submit"},
        "brands:brand_file_remove": {"pk": made["brand"].pk, "key": made["document"].key},
        "brands:report_file_remove": {"pk": made["brand"].pk, "year": 2026, "quarter": 1, "key": made["document"].key},
        "brands:practice_file_remove": {"pk": made["practice"].pk, "key": made["document"].key},
        "brands:place_end": {"pk": made["brand"].pk, "key": made["spread"].pk},
        "brands:step_tick": {"pk": made["brand"].pk, "key": made["month"].pk},
        "brands:brand_step": {"pk": made["brand"].pk, "step": "ask"},
        "brands:report_step": {"pk": made["brand"].pk, "year": 2026, "quarter": 1, "step": "withdraw"},
        "brands:question_answer": {"pk": made["practice"].pk, "key": made["asked"].pk},
        "brands:round_clock": {"pk": made["round"].pk, "key": made["entry"].pk},
        "brands:judge_sheet": {"pk": made["round"].pk, "key": made["entry"].pk, "part": "material"},
        "brands:phase_done": {"pk": made["study"].pk, "key": made["phase"].pk},
        "branches:rectification_step": {"pk": made["rectification"].pk, "step": "report"},
        "files:grid_row": {"pk": made["batch"].pk, "row": 1},
        "care:question_act": {"pk": made["question"].pk, "act": "remove"},
        "care:answer_take": {"pk": made["answer"].pk, "question": made["question"].pk},
        "accounts:membership_end": {"pk": made["membership"].pk},
    }
    if name in special:
        return special[name]
    if name.startswith("brands:report"):
        return {"pk": made["brand"].pk, "year": 2026, "quarter": 1}
    families = (
        (("accounts:organization",), "org"),
        (("accounts:user", "accounts:membership_grant", "accounts:security_end_sessions"), "user"),
        (("cadres:", "api-cadre"), "cadre"),
        (("branches:area",), "area"),
        (("branches:committee_add", "branches:member_add", "branches:branch", "branches:ballot_add", "branches:pledges"), "branch"),
        (("branches:exemplar_add",), "branch"),
        (("branches:exemplar",), "exemplar"),
        (("branches:dues_remove",), "payment"),
        (("branches:life", "branches:dues", "branches:activity_add", "branches:rectification_add"), "branch"),
        (("branches:inspection",), "inspection"),
        (("branches:rectification",), "rectification"),
        (("branches:draw",), "draw"),
        (("branches:application_add",), "branch"),
        (("branches:application", "branches:onsite_add"), "application"),
        (("branches:activity",), "held"),
        (("branches:pledge_add", "branches:pledge_comment", "branches:pledge_publish"), "branch"),
        (("branches:pledge",), "pledge"),
        (("branches:ballot",), "ballot"),
        (("branches:committee",), "term"),
        (("branches:member",), "member"),
        (("brands:brand", "brands:place_add", "brands:meeting_add"), "brand"),
        (("brands:practice_list", "brands:practice_add", "brands:list_"), "list"),
        (("brands:round", "brands:judge_desk"), "round"),
        (("brands:practice", "brands:question_add"), "practice"),
        (("brands:plan",), "study"),
        (("care:plan", "care:item_add"), "plan"),
        (("care:item",), "item"),
        (("care:edition",), "edition"),
        (("care:part",), "part"),
        (("care:todo",), "todo"),
        (("care:campaign",), "campaign"),
        (("care:handover",), "handover"),
        (("care:stay",), "admission"),
        (("care:sample",), "sample"),
        (("care:visit_hint",), "cadre"),
        (("care:absence",), "absence"),
        (("care:aid",), "aid"),
        (("care:question",), "question"),
        (("care:survey",), "todo"),
        (("care:answer",), "answer"),
        (("care:doctor",), "doctor"),
        (("care:visit_move",), "plan"),
        (("care:visit",), "visit"),
        (("robot_",), "robot"),
        (("delivery_",), "delivery"),
        (("files:report",), "report"),
        (("files:export",), "export"),
        (("files:",), "batch"),
    )
    for prefixes, record in families:
        if name.startswith(prefixes):
            return {"pk": made[record].pk} | ({"number": 1} if "number" in str(PATTERNS[name].pattern) else {})
    raise KeyError(f"{name}: say which record it belongs to")


def neighbours(person, name):
    """Users of 濂溪区 whose role opens the address."""
    wanted = rights_of(name) or {Right.ACCOUNT_OWN}
    roles = [role for role in Role if ROLES[role] & wanted]
    assert roles, name
    return [person("濂溪区", role) for role in roles]


@pytest.mark.parametrize("name", [name for name in WITH_ARGUMENTS if name not in SHARED])
def test_a_record_of_another_county_is_not_there(client, filled, person, name):
    url = reverse(name, kwargs=arguments(name, filled))
    for user in neighbours(person, name):
        client.force_login(user)
        for ask in (client.get, client.post):
            answer = ask(url)
            assert answer.status_code in (403, 404, 405), (name, user.username, answer.status_code)
            assert MARK not in answer.content.decode()


@pytest.mark.parametrize("name", WITHOUT)
def test_no_list_of_another_county(client, filled, person, name):
    for user in neighbours(person, name):
        client.force_login(user)
        answer = client.get(reverse(name), {"q": MARK})
        assert answer.status_code < 500, name
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if MARK in body.decode(errors="replace"):
            page = body.decode()
            assert page.count(MARK) <= page.count(f'value="{MARK}"') + page.count(f"「{MARK}」") + page.count(f'"q" value="{MARK}"') + echoes(page), name


def echoes(page):
    """How often the page repeats the words of the search itself: in the box, in the heading, in links that keep the filter."""
    from urllib.parse import quote

    return page.count(f">{MARK}</p>") + page.count(f"搜索：{MARK}") + page.count(quote(MARK))


def test_the_own_county_finds_it(client, filled, person):
    """The test above would also pass on pages that show nothing at all."""
    client.force_login(person("浔阳区", Role.COUNTY_OFFICER))
    for name in ("cadres:list", "care:plans", "care:visits", "care:aid"):
        assert MARK in client.get(reverse(name)).content.decode(), name
    assert client.get(reverse("cadres:detail", args=[filled["cadre"].pk])).status_code == 200


def test_the_fence_of_a_unit(client, filled, person, places):
    """A branch secretary of another unit of the same county is a neighbour too."""
    from apps.accounts.models import Level, Organization

    other = Organization.objects.create(parent=places["浔阳区"], name="浔阳区水利局", level=Level.UNIT, path="/36/3604/360403/u9/")
    user = person("浔阳区", Role.BRANCH_SECRETARY)
    Membership.objects.filter(user=user).update(org=other)
    client.force_login(user)
    assert client.get(reverse("cadres:detail", args=[filled["cadre"].pk])).status_code == 404
    assert MARK not in client.get(reverse("cadres:list")).content.decode()
