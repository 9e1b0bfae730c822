"""Who may do what: every role of the portal, how far it sees, and what it is allowed."""

from enum import StrEnum

from django.db.models import TextChoices


class Role(TextChoices):
    """The roles of the yearly cycle. The stored string is permanent."""

    COORDINATOR = "coordinator", "Ответственный за профориентацию"
    COLLEAGUE = "colleague", "Помощник ответственного"
    SCHOOL_HEAD = "school_head", "Директор школы"
    SPECIALIST = "specialist", "Специалист управления образования"
    METHODIST = "methodist", "Методист"
    HEAD = "head", "Руководитель управления образования"
    OPERATOR = "operator", "Муниципальный оператор"
    EXPERT = "expert", "Эксперт"
    OBSERVER = "observer", "Наблюдатель"
    REGIONAL = "regional", "Специалист региона"
    MUNICIPAL_ADMIN = "municipal_admin", "Администратор муниципалитета"
    INSTALLATION_ADMIN = "installation_admin", "Администратор портала"


class Scope(StrEnum):
    """How far a membership sees: its school, its municipality, its region's aggregates, or nothing by itself."""

    SCHOOL = "school"
    MUNICIPALITY = "municipality"
    REGION = "region"
    NOTHING = "nothing"


class Permission(StrEnum):
    """What an address of the portal may ask for; portal/access.py puts one on each."""

    SEE_SCHOOLS = "see_schools"
    SEE_PEOPLE = "see_people"
    INVITE_SCHOOL_PEOPLE = "invite_school_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SCHOOLS = "manage_schools"
    SEE_REGULATIONS = "see_regulations"
    MANAGE_REGULATIONS = "manage_regulations"
    SEE_CAMPAIGNS = "see_campaigns"
    RUN_CAMPAIGNS = "run_campaigns"
    SEE_FORMS = "see_forms"
    ENTER_VALUES = "enter_values"
    SEND_FORMS = "send_forms"
    CONFIRM_FORMS = "confirm_forms"
    HAND_OVER_SECTIONS = "hand_over_sections"
    ENTER_ON_BEHALF = "enter_on_behalf"
    CORRECT_VALUES = "correct_values"
    ANSWER_QUESTIONS = "answer_questions"
    SET_RULES = "set_rules"
    IMPORT_VALUES = "import_values"
    EXPORT_VALUES = "export_values"
    FILL_ROUNDUPS = "fill_roundups"
    SEE_ROUNDUPS = "see_roundups"
    RUN_ROUNDUPS = "run_roundups"
    REVIEW_FORMS = "review_forms"
    ACCEPT_FORMS = "accept_forms"
    REOPEN_FORMS = "reopen_forms"
    SEE_DASHBOARD = "see_dashboard"
    SET_TARGETS = "set_targets"
    SEE_OWN_RESULTS = "see_own_results"
    SEE_REGION = "see_region"
    EDIT_WORDINGS = "edit_wordings"
    MANAGE_CATALOGUE = "manage_catalogue"
    IMPORT_HISTORY = "import_history"
    KEEP_TABLES = "keep_tables"
    MANAGE_TOKENS = "manage_tokens"
    READ_REPORTS = "read_reports"
    BUILD_REPORTS = "build_reports"


P = Permission
_READS_MUNICIPALITY = {
    P.SEE_SCHOOLS,
    P.SEE_REGULATIONS,
    P.SEE_CAMPAIGNS,
    P.SEE_FORMS,
    P.SEE_ROUNDUPS,
    P.SEE_DASHBOARD,
    P.READ_REPORTS,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # Enters the school's counts, answers remarks, sends the form, may give a section to a colleague.
    Role.COORDINATOR: frozenset(
        {
            P.SEE_SCHOOLS,
            P.SEE_FORMS,
            P.ENTER_VALUES,
            P.SEND_FORMS,
            P.HAND_OVER_SECTIONS,
            P.FILL_ROUNDUPS,
            P.SEE_OWN_RESULTS,
        }
    ),
    # Enters only the sections that the coordinator gave to them (monitoring/workflow.py).
    Role.COLLEAGUE: frozenset({P.SEE_SCHOOLS, P.SEE_FORMS, P.ENTER_VALUES}),
    # Reads the school's forms, and sends them where the campaign asks for the head's confirmation.
    Role.SCHOOL_HEAD: frozenset({P.SEE_SCHOOLS, P.SEE_FORMS, P.CONFIRM_FORMS, P.FILL_ROUNDUPS, P.SEE_OWN_RESULTS}),
    # Runs the campaign, checks, accepts, sets targets.
    Role.SPECIALIST: frozenset(
        {
            *_READS_MUNICIPALITY,
            P.SEE_PEOPLE,
            P.INVITE_SCHOOL_PEOPLE,
            P.MANAGE_SCHOOLS,
            P.MANAGE_REGULATIONS,
            P.RUN_CAMPAIGNS,
            P.REVIEW_FORMS,
            P.ACCEPT_FORMS,
            P.ENTER_ON_BEHALF,
            P.CORRECT_VALUES,
            P.ANSWER_QUESTIONS,
            P.IMPORT_VALUES,
            P.EXPORT_VALUES,
            P.RUN_ROUNDUPS,
            P.SET_TARGETS,
            P.EDIT_WORDINGS,
            P.IMPORT_HISTORY,
            P.KEEP_TABLES,
            P.BUILD_REPORTS,
        }
    ),
    # Reads everything of the municipality, answers questions, sets the bounds of the checks, builds the papers.
    Role.METHODIST: frozenset(
        {
            *_READS_MUNICIPALITY,
            P.SEE_PEOPLE,
            P.MANAGE_REGULATIONS,
            P.ANSWER_QUESTIONS,
            P.SET_RULES,
            P.EXPORT_VALUES,
            P.RUN_ROUNDUPS,
            P.SET_TARGETS,
            P.EDIT_WORDINGS,
            P.IMPORT_HISTORY,
            P.KEEP_TABLES,
            P.BUILD_REPORTS,
        }
    ),
    # Reads and approves; alone opens accepted data again.
    Role.HEAD: frozenset({*_READS_MUNICIPALITY, P.SEE_PEOPLE, P.REOPEN_FORMS, P.KEEP_TABLES}),
    # A centre that runs and checks the campaign without the final acceptance.
    Role.OPERATOR: frozenset(
        {
            *_READS_MUNICIPALITY,
            P.RUN_CAMPAIGNS,
            P.REVIEW_FORMS,
            P.ENTER_ON_BEHALF,
            P.ANSWER_QUESTIONS,
            P.IMPORT_VALUES,
            P.EXPORT_VALUES,
            P.RUN_ROUNDUPS,
            P.KEEP_TABLES,
        }
    ),
    # Scores only what is given to them; nothing of the monitoring is.
    Role.EXPERT: frozenset(),
    # Reads the municipality's pages.
    Role.OBSERVER: frozenset({P.SEE_SCHOOLS, P.SEE_DASHBOARD, P.READ_REPORTS}),
    # Reads aggregates of the region's municipalities in which small counts are hidden; never a school.
    Role.REGIONAL: frozenset({P.SEE_REGION}),
    # People, schools and programs of the municipality.
    Role.MUNICIPAL_ADMIN: frozenset(
        {
            P.SEE_SCHOOLS,
            P.SEE_PEOPLE,
            P.INVITE_SCHOOL_PEOPLE,
            P.MANAGE_PEOPLE,
            P.MANAGE_SCHOOLS,
            P.SEE_REGULATIONS,
            P.MANAGE_REGULATIONS,
            P.MANAGE_TOKENS,
        }
    ),
    # Keeps the installation by commands and its common catalogue by file; sees no municipality's data.
    Role.INSTALLATION_ADMIN: frozenset({P.MANAGE_CATALOGUE}),
}

SCOPES: dict[Role, Scope] = {
    Role.COORDINATOR: Scope.SCHOOL,
    Role.COLLEAGUE: Scope.SCHOOL,
    Role.SCHOOL_HEAD: Scope.SCHOOL,
    Role.SPECIALIST: Scope.MUNICIPALITY,
    Role.METHODIST: Scope.MUNICIPALITY,
    Role.HEAD: Scope.MUNICIPALITY,
    Role.OPERATOR: Scope.MUNICIPALITY,
    Role.EXPERT: Scope.NOTHING,
    Role.OBSERVER: Scope.MUNICIPALITY,
    Role.REGIONAL: Scope.REGION,
    Role.MUNICIPAL_ADMIN: Scope.MUNICIPALITY,
    Role.INSTALLATION_ADMIN: Scope.NOTHING,
}

# Whoever can change or accept other people's data signs in with a second factor (docs/adr/0005).
NEEDS_SECOND_FACTOR = frozenset(
    {
        Role.SPECIALIST,
        Role.METHODIST,
        Role.HEAD,
        Role.OPERATOR,
        Role.MUNICIPAL_ADMIN,
        Role.INSTALLATION_ADMIN,
        Role.REGIONAL,
    }
)

_OF_SCHOOL = frozenset(role for role, scope in SCOPES.items() if scope == Scope.SCHOOL)
_OF_MUNICIPALITY = frozenset(role for role, scope in SCOPES.items() if scope == Scope.MUNICIPALITY)

# Whom a permission lets one invite, look after and dismiss, always in one's own place: never a role above it.
_LOOKS_AFTER: dict[Permission, frozenset[Role]] = {
    P.MANAGE_PEOPLE: _OF_SCHOOL | _OF_MUNICIPALITY | {Role.EXPERT},
    P.INVITE_SCHOOL_PEOPLE: _OF_SCHOOL,
    P.HAND_OVER_SECTIONS: frozenset({Role.COLLEAGUE}),
}


def looks_after(role: Role) -> frozenset[Role]:
    """The roles that a person of this role may give and take away in their own place."""
    return frozenset().union(*(roles for permission, roles in _LOOKS_AFTER.items() if permission in PERMISSIONS[role]))
