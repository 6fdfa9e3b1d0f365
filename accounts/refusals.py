"""Expected refusals: a sentence for people, a word for machines, the field it concerns.

Every package raises subclasses of `Refusal`; pages show the sentence, the API answers problem+json.
"""


class Refusal(Exception):
    """Something a person asked for that the rules do not allow. The message says the remedy."""

    status = 400

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    @property
    def each(self) -> list[dict[str, str | None]]:
        """The fields that are refused, each with its sentence."""
        return [{"field": self.field, "detail": self.message}]


class NotAllowed(Refusal):
    """The person may see this, but may not do that with it."""

    status = 403


class Conflict(Refusal):
    """The state of the record forbids it now, perhaps because somebody else was first."""

    status = 409
