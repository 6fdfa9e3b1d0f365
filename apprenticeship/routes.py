"""Addresses of this package."""

from django.urls import path

from apprenticeship.views import (
    classes,
    coverage,
    employers,
    enrolment,
    for_registration,
    people,
    programs,
    registration,
    search,
    setting_up,
)

urlpatterns = [
    path("programs/", programs.programs, name="programs"),
    path("sponsors/<uuid:uid>/people/", people.people, name="people"),
    path("sponsors/<uuid:uid>/people/invite/", people.invite, name="people-invite"),
    path("sponsors/<uuid:uid>/invitations/", people.invitations, name="invitations"),
    path("memberships/<uuid:uid>/", people.membership, name="membership"),
    path("memberships/<uuid:uid>/end/", people.membership_end, name="membership-end"),
    path("invitations/<uuid:uid>/again/", people.invitation_again, name="invitation-again"),
    path("invitations/<uuid:uid>/withdraw/", people.invitation_withdraw, name="invitation-withdraw"),
    path("sponsors/<uuid:uid>/employers/", employers.employers, name="employers"),
    path("employers/<uuid:uid>/", employers.employer, name="employer"),
    path("programs/new/", setting_up.new, name="program-new"),
    path("programs/<uuid:uid>/settings/", setting_up.settings, name="program-settings"),
    path("programs/<uuid:uid>/elections/", setting_up.elections, name="program-elections"),
    path("programs/<uuid:uid>/for-registration/", for_registration.edit, name="for-registration"),
    path("search/", search.search, name="search"),
    path("programs/<uuid:uid>/enrol/", enrolment.one, name="enrol"),
    path("programs/<uuid:uid>/enrol/list/", enrolment.several, name="enrol-list"),
    path("programs/<uuid:uid>/classes/", classes.classes, name="classes"),
    path("programs/<uuid:uid>/coverage/", coverage.cover, name="coverage"),
    path("programs/<uuid:uid>/coverage/places/", coverage.places, name="coverage-places"),
    path("programs/<uuid:uid>/coverage/<uuid:course>/", coverage.course, name="coverage-course"),
    path("programs/<uuid:uid>/classes/new/", classes.new, name="class-new"),
    path("apprentices/<uuid:uid>/invite/", enrolment.invite_again, name="apprentice-invite"),
    path("apprentices/<uuid:uid>/registration/", registration.registration, name="registration"),
    path("apprentices/<uuid:uid>/registration/history/", registration.history, name="registration-history"),
    path("apprentices/<uuid:uid>/registration/facts/", registration.facts, name="registration-facts"),
    path(
        "apprentices/<uuid:uid>/registration/elections/",
        registration.elections,
        name="registration-elections",
    ),
    path("assignments/<uuid:uid>/stand-in/", registration.stand_in, name="stand-in"),
    path("apprentices/<uuid:uid>/mentors/new/", registration.assign, name="mentor-assign"),
]
