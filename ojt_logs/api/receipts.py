"""REST: the receipts of hours that were handed in."""

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from accounts.access import get_or_deny
from accounts.api import ByWords
from accounts.listing import Filters, by_id, since
from ojt_logs.models import Receipt


class ReceiptLineSerializer(serializers.Serializer[Any]):
    """An entry as it was when it was handed in."""

    id = serializers.UUIDField()
    date = serializers.DateField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    minutes = serializers.IntegerField()
    late = serializers.BooleanField()


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    """A receipt as it was given; `first_record` to `last_record` are its entries' numbers on the record."""

    id = serializers.UUIDField(source="uid")
    apprentice = serializers.UUIDField(source="apprentice.uid")
    lines = ReceiptLineSerializer(many=True)

    class Meta:
        model = Receipt
        fields = [
            "id",
            "apprentice",
            "number",
            "submitted_at",
            "time_zone",
            "entries",
            "minutes",
            "first_record",
            "last_record",
            "lines",
        ]


class ReceiptWords(Filters):
    """Receipts by whose they are, and those given since a moment."""

    apprentice = by_id("Apprentice")
    updated_since = since("Given since")

    def condition(self, name: str, value: Any) -> Q:
        return Q(apprentice__uid=value) if name == "apprentice" else Q(submitted_at__gte=value)


class ReceiptViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Receipt]):
    """One's own receipts, and those of the records that one reads. They are given by submitting."""

    serializer_class = ReceiptSerializer
    filter_backends = [ByWords]
    words = ReceiptWords
    lookup_url_kwarg = "id"
    queryset = Receipt.objects.none()

    def get_queryset(self) -> QuerySet[Receipt]:
        return Receipt.objects.visible_to(self.request.user).select_related("apprentice")

    def get_object(self) -> Receipt:
        return get_or_deny(self.get_queryset(), uid=self.kwargs["id"])
