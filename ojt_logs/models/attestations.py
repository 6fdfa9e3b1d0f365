"""How work was seen, and the sentence that a signer puts a name to."""

from django.db import models


class Method(models.TextChoices):
    OBSERVED = "observed", "Observed"
    REVIEWED = "reviewed", "Reviewed work or audit"
    SIMULATION = "simulation", "Simulation"
    QUESTIONING = "questioning", "Questioning"
    TEST = "test", "Test"
    ACCEPTED = "accepted", "Attested by a journeyworker"
    PAPER = "paper", "From a signed sheet"


OFFERED = (Method.OBSERVED, Method.REVIEWED, Method.SIMULATION, Method.QUESTIONING, Method.TEST)
"""How somebody says that they saw the work; the others say where a signature comes from instead."""


ATTESTATIONS: dict[str, str] = {
    Method.OBSERVED: "I observed this work and attest to these ratings.",
    Method.REVIEWED: "I reviewed this work and attest to these ratings.",
    Method.SIMULATION: "I assessed this in a simulation and attest to these ratings.",
    Method.QUESTIONING: "I questioned the apprentice on this and attest to these ratings.",
    Method.TEST: "I tested this and attest to these ratings.",
    Method.ACCEPTED: "I read what a journeyworker attested to and accept these ratings as mine.",
    Method.PAPER: "I copied these ratings from a sheet signed in ink and attest that they are as it says.",
}


class AttestationManager(models.Manager["Attestation"]):
    def current(self, method: str) -> "Attestation":
        """The text in force for `method`; a changed text becomes the next version, older ones stay."""
        text = ATTESTATIONS[method]
        newest = self.filter(method=method).order_by("-version").first()
        if newest and newest.text == text:
            return newest
        version = newest.version + 1 if newest else 1
        return self.get_or_create(method=method, version=version, defaults={"text": text})[0]


class Attestation(models.Model):
    """The sentence a signer puts a name to, in one of its versions."""

    method = models.CharField(max_length=12, choices=Method)
    version = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)

    objects = AttestationManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["method", "version"], name="attestation_once")]

    def __str__(self) -> str:
        return self.text
