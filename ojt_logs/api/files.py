"""REST: photos and PDFs that show the work of an entry."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny, signed_in
from accounts.api import AnyFormat, OnceOnly, OneFile
from ojt_logs import own
from ojt_logs.files import LARGEST
from ojt_logs.models import Evidence, HoursEntry
from ojt_logs.serving import served


class PhotoOrPaper(OneFile):
    """A form with one photo or PDF."""

    most = LARGEST
    words = "10 MB. Take the photo smaller, or send fewer pages"


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """A file as it is kept: written anew, so that size and SHA-256 are not those of what was sent."""

    id = serializers.UUIDField(source="uid")
    entry = serializers.UUIDField(source="entry.uid", default=None, allow_null=True)
    sign_off = serializers.UUIDField(
        source="sign_off.uid",
        default=None,
        allow_null=True,
        help_text="Instead of an entry: one of the ratings that were copied from this sheet of paper.",
    )

    class Meta:
        model = Evidence
        fields = ["id", "entry", "sign_off", "name", "media_type", "size", "sha256", "added_at"]


class AttachingSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True, max_length=500)


class EntryFilesView(OnceOnly, APIView):
    """The files of one entry."""

    parser_classes = [PhotoOrPaper]

    @extend_schema(operation_id="entry_files_list", responses=EvidenceSerializer(many=True))
    def get(self, request: Request, id: str) -> Response:
        """Those that nobody has taken off or hidden, for whoever sees the entry."""
        entry = get_or_deny(HoursEntry.objects.visible_to(request.user), uid=id)
        rows = Evidence.objects.visible_to(request.user).filter(entry=entry).select_related("entry")
        return Response(EvidenceSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="entry_files_create",
        request={"multipart/form-data": AttachingSerializer},
        responses={201: EvidenceSerializer},
    )
    def post(self, request: Request, id: str) -> Response:
        """Attach a JPEG, PNG, WebP or PDF to one's own entry that is not approved yet."""
        entry, now = own.entry_of(signed_in(request), id), timezone.now()
        words = AttachingSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        file = words.validated_data["file"]
        row = Evidence.objects.attach(
            entry,
            by=signed_in(request),
            now=now,
            file=file,
            size=file.size or 0,
            name=file.name or "file",
        )
        return Response(EvidenceSerializer(row).data, status=status.HTTP_201_CREATED)


class EvidenceViewSet(mixins.RetrieveModelMixin, GenericViewSet[Evidence]):
    """One file of an entry, or of a copied sheet, that one sees."""

    serializer_class = EvidenceSerializer
    lookup_url_kwarg = "id"
    queryset = Evidence.objects.none()

    def get_queryset(self) -> QuerySet[Evidence]:
        return Evidence.objects.visible_to(self.request.user).select_related("entry", "sign_off")

    def get_object(self) -> Evidence:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:
        """Take it off one's own entry that is not approved yet; its hash stays on the record."""
        own.file_of(signed_in(request), id).take_off(by=signed_in(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        responses={
            (200, "image/jpeg"): OpenApiTypes.BINARY,
            (200, "application/pdf"): OpenApiTypes.BINARY,
        }
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyFormat)
    def content(self, request: Request, id: str) -> FileResponse:
        """The file itself."""
        return served(self.get_object())
