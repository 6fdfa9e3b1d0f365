"""Addresses of hours, reviews, sign-offs, progress and the program board."""

from django.urls import path, register_converter

from ojt_logs.dates import IsoDate
from ojt_logs.views import (
    amending,
    apprentice,
    coordinator,
    first_steps,
    hours,
    lists,
    mentor,
    office,
    signing,
    study,
    taught,
    tour,
)

register_converter(IsoDate, "isodate")

urlpatterns = [
    path("demo/", tour.tour, name="tour"),
    path("start/", first_steps.first_steps, name="first-steps"),
    path("start/<uuid:uid>/put-away/", first_steps.put_away, name="first-steps-put-away"),
    path("apprentices/<uuid:uid>/week/", apprentice.week, name="week"),
    path("apprentices/<uuid:uid>/days/<isodate:day>/", apprentice.day, name="day"),
    path("apprentices/<uuid:uid>/weeks/<isodate:monday>/submit/", apprentice.submit_week, name="week-submit"),
    path("apprentices/<uuid:uid>/hours/", hours.hours, name="hours"),
    path("apprentices/<uuid:uid>/progress/", apprentice.progress, name="progress"),
    path("apprentices/<uuid:uid>/progress/<str:code>/", apprentice.competency, name="competency"),
    path("apprentices/<uuid:uid>/study/<str:code>/", study.study, name="study"),
    path("apprentices/<uuid:uid>/study/<str:code>/<uuid:resource>/done/", study.done, name="study-done"),
    path("apprentices/<uuid:uid>/study/<str:code>/<uuid:resource>/send/", study.send, name="study-send"),
    path("hours/<uuid:uid>/", hours.entry, name="hours-entry"),
    path("hours/<uuid:uid>/edit/", hours.edit, name="hours-edit"),
    path("hours/<uuid:uid>/correct/", hours.correct, name="hours-correct"),
    path("hours/<uuid:uid>/delete/", hours.delete, name="hours-delete"),
    path("hours/<uuid:uid>/recall/", hours.recall, name="hours-recall"),
    path("review/", mentor.review, name="review"),
    path("review/<uuid:uid>/<isodate:monday>/", mentor.review_week, name="review-week"),
    path("review/<uuid:uid>/<isodate:monday>/approve/", mentor.approve_week, name="review-approve"),
    path("review/<uuid:uid>/<isodate:monday>/undo/", mentor.undo_week, name="review-undo"),
    path("review/<uuid:uid>/<isodate:monday>/return/", mentor.return_entries, name="review-return"),
    path("apprentices/<uuid:uid>/sign/", signing.sign, name="sign"),
    path("apprentices/<uuid:uid>/sign/<str:code>/", signing.sign_competency, name="sign-competency"),
    path("sign-offs/<uuid:uid>/", signing.sign_off, name="sign-off"),
    path("sign-offs/<uuid:uid>/withdraw/", signing.withdraw, name="sign-off-withdraw"),
    path("apprentices/<uuid:uid>/sign-offs/", lists.sign_offs, name="sign-offs"),
    path("classes/<uuid:uid>/", taught.one, name="class"),
    path("classes/<uuid:uid>/results/", taught.record, name="class-results"),
    path("course-results/<uuid:uid>/", taught.result, name="course-result"),
    path("assignments/<uuid:uid>/end/", office.end_assignment, name="mentor-end"),
    path("apprentices/<uuid:uid>/probation/", office.probation, name="probation"),
    path("apprentices/<uuid:uid>/status/<str:to>/", office.change_status, name="status-change"),
    path("programs/<uuid:uid>/", coordinator.program, name="program"),
    path("programs/<uuid:uid>/amend/", amending.amend, name="program-amend"),
    path("amendments/<uuid:uid>/", amending.amendment, name="amendment"),
    path("amendments/<uuid:uid>/withdraw/", amending.withdraw, name="amendment-withdraw"),
    path("programs/<uuid:uid>/hours/", lists.program_hours, name="program-hours"),
    path("programs/<uuid:uid>/sign-offs/", lists.program_sign_offs, name="program-sign-offs"),
]
