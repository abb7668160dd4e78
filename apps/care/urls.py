from django.urls import path

from apps.care.views import cards, items, occasions, plans, rules, todos, visits

app_name = "care"
urlpatterns = [
    path("plans/", plans.plan_list, name="plans"),
    path("plans/open/", plans.plan_open, name="plan_open"),
    path("plans/bulk/", plans.plan_bulk, name="plan_bulk"),
    path("plans/undo/", plans.plan_undo, name="plan_undo"),
    path("plans/<int:pk>/", plans.plan_detail, name="plan"),
    path("plans/<int:pk>/class/", plans.plan_class, name="plan_class"),
    path("plans/<int:pk>/worker/", plans.plan_worker, name="plan_worker"),
    path("plans/<int:pk>/edit/", plans.plan_edit, name="plan_edit"),
    path("plans/<int:pk>/items/add/", items.item_add, name="item_add"),
    path("items/<int:pk>/", items.item_edit, name="item_edit"),
    path("items/<int:pk>/close/", items.item_close, name="item_close"),
    path("items/<int:pk>/reopen/", items.item_reopen, name="item_reopen"),
    path("plans/<int:pk>/move/", todos.visit_move, name="visit_move"),
    path("todos/<int:pk>/move/", todos.todo_move, name="todo_move"),
    path("todos/<int:pk>/finish/", todos.todo_finish, name="todo_finish"),
    path("cards/", cards.cards, name="cards"),
    path("cards/<int:pk>/", cards.card, name="card"),
    path("visits/", visits.visit_list, name="visits"),
    path("visits/export/", visits.visit_export, name="visit_export"),
    path("visits/log/", visits.visit_log, name="visit_log"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit"),
    path("visits/<int:pk>/edit/", visits.visit_edit, name="visit_edit"),
    path("visits/<int:pk>/void/", visits.visit_void, name="visit_void"),
    path("rules/", rules.rules, name="rules"),
    path("rules/frequency/<slug:attention_class>/", rules.frequency, name="rule_frequency"),
    path("rules/stage/<slug:stage>/", rules.stage, name="rule_stage"),
    path("rules/occasions/add/", occasions.occasion_add, name="rule_occasion_add"),
    path("rules/occasions/<int:pk>/", occasions.occasion, name="rule_occasion"),
    path("rules/occasions/<int:pk>/end/", occasions.occasion_end, name="rule_occasion_end"),
    path("rules/suggestions/add/", rules.suggestion_add, name="rule_suggestion_add"),
    path("rules/suggestions/<int:pk>/", rules.suggestion, name="rule_suggestion"),
    path("rules/suggestions/<int:pk>/end/", rules.suggestion_end, name="rule_suggestion_end"),
]
