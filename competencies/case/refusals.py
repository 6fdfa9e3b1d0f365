"""Why the CASE service does not answer, in the form that CASE asks for (imsx_StatusInfo)."""

from competencies.case.writing import Json, Version

OLD_SPELLING = {"invalid_uuid": "invaliduuid", "unauthorised_request": "unauthorisedrequest"}


class NoAnswer(Exception):
    """The request cannot be answered. `code` is the 1.1 spelling of the minor code."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words


def unknown(words: str = "Nothing public has this identifier.") -> NoAnswer:
    return NoAnswer(404, "unknownobject", words)


def status_info(version: Version, refusal: NoAnswer) -> Json:
    """The body of the answer."""
    code = refusal.code if version.later else OLD_SPELLING.get(refusal.code, refusal.code)
    minor = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": code}
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": refusal.words,
        "imsx_codeMinor": {"imsx_codeMinorField": [minor]},
    }
