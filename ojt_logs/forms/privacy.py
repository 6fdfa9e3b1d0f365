"""What everybody who writes free text into a record is told beside the field."""

NO_PATIENTS = "No patient names, numbers or chart images."
