"""What things are called in CASE packages, by us and by others."""

import re

from competencies.models import StatementKind, TopicKind

EXTENSION = "journeybook"
"""The member of `extensions` that is ours, and in 1.0 the word before it in the notes."""
FUNCTION, COMPETENCY, STANDARD = "Job Function", "Competency", "Performance Standard"
COURSE, CREDENTIAL = "Course", "Credential"
TIER, SKILL, LEVEL = "Cross-Cutting Tier", "Cross-Cutting Competency", "Skill Level"
TOPICS = {
    TopicKind.SKILL.value: "Related Instruction Skill",
    TopicKind.KNOWLEDGE.value: "Related Instruction Knowledge",
    TopicKind.TOOL.value: "Related Instruction Tool",
}
STATEMENTS = {
    StatementKind.DOMAIN.value: "Domain",
    StatementKind.SUBDOMAIN.value: "Sub-domain",
    StatementKind.STATEMENT.value: "Statement",
}
"""What our item types are called."""

WORK = {"job function", "work process", "major job function", "job duty", "duty"}
SPOKEN: dict[str, str] = {
    **dict.fromkeys(("skill", "skills"), TOPICS["skill"]),
    **dict.fromkeys(("knowledge", "related instruction"), TOPICS["knowledge"]),
    **dict.fromkeys(("tool", "tools", "technology", "tools & technologies"), TOPICS["tool"]),
    **dict.fromkeys(("courses", "related instruction course"), COURSE),
    **dict.fromkeys(("certification", "license", "licence"), CREDENTIAL),
    **{name.casefold(): name for name in (*TOPICS.values(), COURSE, CREDENTIAL, TIER, SKILL, LEVEL)},
}
"""By what others call it, our item type; of a schedule whatever is not here is work."""
OURS = {"isChildOf", "hasSkillLevel", "replacedBy"}
ONET = re.compile(r"\b\d{2}-\d{4}\.\d{2}\b")
RAPIDS = re.compile(r"\bRAPIDS(?:\s+code)?\s*:?\s*(\d{4}[A-Z]{0,3})\b", re.IGNORECASE)
