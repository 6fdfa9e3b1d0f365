"""Addresses of this package."""

from django.urls import path

from competencies.drafts import views as drafts
from competencies.library import views as library
from competencies.uploads import views as uploads
from competencies.views import crosswalk, standards

urlpatterns = [
    path("standards/", standards.standards, name="standards"),
    path("standards/import/", uploads.upload, name="standards-upload"),
    path("standards/import/<uuid:uid>/", uploads.look, name="standards-look"),
    path("standards/schedules/<uuid:uid>/", standards.schedule, name="schedule"),
    path("standards/frameworks/<uuid:uid>/", standards.framework, name="framework"),
    path("standards/schedules/<uuid:uid>/files/<str:form>", standards.schedule_file, name="schedule-file"),
    path("standards/frameworks/<uuid:uid>/files/<str:form>", standards.framework_file, name="framework-file"),
    path("standards/schedules/<uuid:uid>/adapt/", drafts.adapt, name="schedule-adapt"),
    path("standards/schedules/<uuid:uid>/differences/", drafts.differences, name="schedule-differences"),
    path("standards/schedules/<uuid:uid>/approve/", drafts.approve, name="schedule-approve"),
    path("standards/schedules/<uuid:uid>/retire/", drafts.retire, name="schedule-retire"),
    path("standards/letters/<uuid:uid>/", drafts.letter, name="schedule-letter"),
    path("standards/drafts/<uuid:uid>/", drafts.draft, name="draft"),
    path("standards/drafts/<uuid:uid>/about/", drafts.about, name="draft-about"),
    path("standards/drafts/<uuid:uid>/same/", drafts.same, name="draft-same"),
    path("standards/drafts/<uuid:uid>/finish/", drafts.finish, name="draft-finish"),
    path("standards/drafts/<uuid:uid>/discard/", drafts.discard, name="draft-discard"),
    path("standards/drafts/<uuid:uid>/topics/<int:pk>/", drafts.topics, name="draft-topics"),
    path("standards/drafts/<uuid:uid>/<slug:kind>/new/", drafts.add, name="draft-add"),
    path("standards/drafts/<uuid:uid>/<slug:kind>/<int:pk>/", drafts.change, name="draft-change"),
    path("standards/drafts/<uuid:uid>/<slug:kind>/<int:pk>/move/", drafts.move, name="draft-move"),
    path("standards/drafts/<uuid:uid>/<slug:kind>/<int:pk>/remove/", drafts.remove, name="draft-remove"),
    path("standards/statements/<uuid:uid>/", library.statement, name="statement"),
    path("standards/statements/<uuid:uid>/add/", library.add, name="resource-add"),
    path("standards/statements/<uuid:uid>/pins/<uuid:resource>/", library.pin, name="resource-pin"),
    path("library/", library.library, name="library"),
    path("sponsors/<uuid:uid>/library/import/", library.bring, name="library-import"),
    path("standards/schedules/<uuid:uid>/crosswalk/", crosswalk.crosswalk, name="crosswalk"),
    path("standards/schedules/<uuid:uid>/crosswalk/decide/", crosswalk.decide, name="crosswalk-decide"),
    path("standards/schedules/<uuid:uid>/crosswalk/suggest/", crosswalk.suggest, name="crosswalk-suggest"),
]
