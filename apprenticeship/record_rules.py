"""What the database refuses on tables of the record: one dict a rule, as ledger/triggers.py explains them.

settings.LEDGER_TRIGGERS is this list. Tables are named, not imported: settings know no models.
"""

PUBLISHED: dict[str, object] = {"rule": "frozen", "when": {"frozen": True}}
RETIRES: dict[str, object] = {"moves": {"status": {"published": ["retired"], "approved": ["retired"]}}}
SIGNER = ["signer_name", "signer_initials", "signer_qualification"]
RULES: list[dict[str, object]] = [
    {"table": "ledger_entry", "rule": "append_only"},
    {"table": "ledger_payload", "rule": "erasable", "empties": ["body", "salt"], "stamp": "erased_at"},
    {"table": "ledger_chain", "rule": "frozen", "may_change": ["head"], "counts_up": ["length"]},
    {"table": "ledger_checkpoint", "rule": "append_only"},
    {"table": "accounts_consent", "rule": "append_only"},
    {
        "table": "ojt_logs_signoff",
        "rule": "frozen",
        "withholds": ["note", "reason"],
        "erases": [*SIGNER, "original_at", "ink"],
    },
    {"table": "ojt_logs_comment", "rule": "frozen", "withholds": ["note"]},
    {"table": "ojt_logs_receipt", "rule": "append_only"},
    {"table": "ojt_logs_attestation", "rule": "append_only"},
    {
        "table": "ojt_logs_courseresult",
        "rule": "frozen",
        "withholds": ["note", "reason"],
        "erases": SIGNER,
    },
    {
        "table": "ojt_logs_signoffrequest",
        "rule": "frozen",
        "when": {"state": "open"},
        "may_change": ["closed_at", "closed_by_id", "reason"],
        "withholds": ["note"],
        "moves": {"state": {"open": ["answered", "declined", "withdrawn"]}},
    },
    {
        "table": "ojt_logs_signoffrequest",
        "rule": "frozen",
        "when": {"state": ["answered", "declined", "withdrawn"]},
        "withholds": ["note", "reason"],
    },
    {"table": "ojt_logs_signoffrequest_competencies", "rule": "append_only"},
    {"table": "ojt_logs_selfrating", "rule": "append_only"},
    {
        "table": "ojt_logs_attestationlink",
        "rule": "frozen",
        "may_change": ["used_at", "revoked_at", "revoked_by_id"],
        "erases": ["email"],
    },
    {"table": "ojt_logs_attestationlink_competencies", "rule": "append_only"},
    {
        "table": "ojt_logs_outsideattestation",
        "rule": "frozen",
        "withholds": ["text"],
        "erases": ["name", "title", "employer", "email"],
    },
    {"table": "ojt_logs_outsiderating", "rule": "frozen", "withholds": ["reason"]},
    {"table": "ojt_logs_attestationanswer", "rule": "frozen", "withholds": ["reason"]},
    {
        "table": "ojt_logs_periodicreview",
        "rule": "frozen",
        "withholds": ["progress", "conduct", "safety", "instruction", "aims"],
        "erases": SIGNER,
    },
    {"table": "ojt_logs_reviewanswer", "rule": "frozen", "withholds": ["words"]},
    {"table": "ojt_logs_signoffcomment", "rule": "frozen", "withholds": ["text"]},
    {"table": "apprenticeship_statuschange", "rule": "frozen", "withholds": ["reason"]},
    {"table": "ojt_logs_wagedecision", "rule": "frozen", "withholds": ["reason"]},
    {"table": "apprenticeship_probationdecision", "rule": "frozen", "withholds": ["reason"]},
    {
        "table": "apprenticeship_amendment",
        "rule": "frozen",
        "may_change": ["acknowledged_at", "withdrawn_at"],
    },
    {
        "table": "apprenticeship_credit",
        "rule": "frozen",
        "may_change": ["withdrawn_by_id", "withdrawn_at", "withdrawn_why"],
        "withholds": ["evidence"],
    },
    {
        "table": "ojt_logs_noworkperiod",
        "rule": "frozen",
        "may_change": ["withdrawn_by_id", "withdrawn_at", "withdrawn_why"],
        "withholds": ["note"],
    },
    {"table": "apprenticeship_mentorship", "rule": "frozen", "may_change": ["ends_on"]},
    {
        "table": "ojt_logs_hoursentry",
        "rule": "frozen",
        "when": {"status": ["approved", "superseded"]},
        "moves": {"status": {"approved": ["submitted", "superseded"]}},
        "may_change": ["changed_at"],
        "withholds": ["note", "return_reason", "dispute_reason", "correction_reason"],
        "erases": ["external_id", "taken_from"],
        "may_delete": {"status": ["draft"], "reviewed_at": [None]},
    },
    {
        "table": "ojt_logs_evidence",
        "rule": "frozen",
        "may_change": ["kept", "removed_at", "withheld"],
        "erases": ["name"],
        "may_delete": {"kept": [False]},
    },
    {
        "table": "ojt_logs_privacyreport",
        "rule": "frozen",
        "when": {"outcome": ""},
        "may_change": [
            "text",
            *("agreed_by_id", "agreed_at", "agreed_as_coordinator"),
            *("outcome", "decided_by_id", "decided_at", "words"),
        ],
        "erases": ["why"],
    },
    {
        "table": "ojt_logs_privacyreport",
        "rule": "frozen",
        "when": {"outcome": ["redacted", "shown"]},
        "erases": ["why", "words"],
    },
    {"table": "ojt_logs_scan", "rule": "frozen", "may_change": ["withheld"], "erases": ["name"]},
    {"table": "ojt_logs_payrollexplanation", "rule": "frozen", "withholds": ["text"]},
    {
        "table": "ojt_logs_hoursbatch",
        "rule": "frozen",
        "may_change": ["undone_at", "undone_by_id"],
        "erases": ["file_name", "papers_at"],
    },
    {
        "table": "apprenticeship_legalhold",
        "rule": "frozen",
        "may_change": ["lifted_by_id", "lifted_at", "lifted_why"],
        "withholds": ["reason"],
    },
    {
        "table": "ojt_logs_erasurerequest",
        "rule": "frozen",
        "when": {"decision": ""},
        "may_change": ["decision", "decided_by_id", "decided_at", "why", "due_on"],
        "erases": ["words"],
    },
    {
        "table": "ojt_logs_erasurerequest",
        "rule": "frozen",
        "when": {"decision": ["granted", "refused"]},
        "erases": ["words", "why"],
    },
    {
        "table": "ojt_logs_disposal",
        "rule": "frozen",
        "when": {"state": "open"},
        "may_change": ["confirmed_by_id", "confirmed_at", "withdrawn_by_id", "withdrawn_at"],
        "moves": {"state": {"open": ["confirmed", "withdrawn"]}},
    },
    {"table": "ojt_logs_disposal", "rule": "frozen", "when": {"state": ["confirmed", "withdrawn"]}},
    {"table": "ojt_logs_disposal_people", "rule": "append_only"},
    {"table": "ojt_logs_certificate", "rule": "append_only"},
    *(
        dict[str, object](table=table, rule="kept")
        for table in (
            *("accounts_membership", "apprenticeship_apprentice", "apprenticeship_class"),
            *("apprenticeship_employer", "apprenticeship_program"),
            *("ojt_logs_paidhours", "ojt_logs_payrollfile"),
        )
    ),
    {"table": "competencies_occupation", "rule": "append_only"},
    {
        "table": "competencies_workprocessschedule",
        "rule": "frozen",
        "when": {"frozen": True, "status": ["approved", "retired"]},
        "moves": {"status": {"approved": ["retired"]}},
    },
    {
        "table": "competencies_workprocessschedule",
        "rule": "frozen",
        "when": {"frozen": True, "status": ["submitted", "published"]},
        "may_change": ["approved_on"],
        "moves": {"status": {key: ["approved", "retired"] for key in ("submitted", "published")}},
    },
    {"table": "competencies_versionstep", "rule": "append_only"},
    {"table": "competencies_framework", **PUBLISHED, **RETIRES},
    *(
        {"table": f"competencies_{name}", **PUBLISHED}
        for name in (
            "jobfunction",
            "competency",
            "performancestandard",
            "relatedinstructiontopic",
            "course",
            "credential",
            "crosscuttingcompetency",
            "ratingscale",
            "ratinglevel",
            "frameworkstatement",
        )
    ),
]
