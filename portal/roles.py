"""Who may do what: every role of the portal, how far it sees, and what it is allowed."""

from enum import StrEnum

from django.db.models import TextChoices


class Role(TextChoices):
    """The roles of the yearly cycle. The stored string is permanent."""

    COORDINATOR = "coordinator", "Ответственный за профориентацию"
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
    SEE_CAMPAIGNS = "see_campaigns"
    RUN_CAMPAIGNS = "run_campaigns"
    SEE_FORMS = "see_forms"
    ENTER_VALUES = "enter_values"
    SEND_FORMS = "send_forms"
    REVIEW_FORMS = "review_forms"
    ACCEPT_FORMS = "accept_forms"
    REOPEN_FORMS = "reopen_forms"
    SEE_DASHBOARD = "see_dashboard"
    SET_TARGETS = "set_targets"
    READ_REPORTS = "read_reports"
    BUILD_REPORTS = "build_reports"


P = Permission
_READS_MUNICIPALITY = {P.SEE_SCHOOLS, P.SEE_CAMPAIGNS, P.SEE_FORMS, P.SEE_DASHBOARD, P.READ_REPORTS}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # Enters the school's counts, answers remarks, sends the form.
    Role.COORDINATOR: frozenset({P.SEE_SCHOOLS, P.SEE_FORMS, P.ENTER_VALUES, P.SEND_FORMS}),
    # Reads what the school sent.
    Role.SCHOOL_HEAD: frozenset({P.SEE_SCHOOLS, P.SEE_FORMS}),
    # Runs the campaign, checks, accepts, sets targets.
    Role.SPECIALIST: frozenset(
        {
            *_READS_MUNICIPALITY,
            P.SEE_PEOPLE,
            P.RUN_CAMPAIGNS,
            P.REVIEW_FORMS,
            P.ACCEPT_FORMS,
            P.SET_TARGETS,
            P.BUILD_REPORTS,
        }
    ),
    # Reads everything of the municipality and builds its papers.
    Role.METHODIST: frozenset({*_READS_MUNICIPALITY, P.SEE_PEOPLE, P.SET_TARGETS, P.BUILD_REPORTS}),
    # Reads and approves; alone opens accepted data again.
    Role.HEAD: frozenset({*_READS_MUNICIPALITY, P.SEE_PEOPLE, P.REOPEN_FORMS}),
    # A centre that runs and checks the campaign without the final acceptance.
    Role.OPERATOR: frozenset({*_READS_MUNICIPALITY, P.RUN_CAMPAIGNS, P.REVIEW_FORMS}),
    # Scores only what is given to them; nothing of the monitoring is.
    Role.EXPERT: frozenset(),
    # Reads the municipality's pages.
    Role.OBSERVER: frozenset({P.SEE_SCHOOLS, P.SEE_DASHBOARD, P.READ_REPORTS}),
    # Will read aggregates of several municipalities once those hide small counts; until then nothing.
    Role.REGIONAL: frozenset(),
    # People and schools of the municipality.
    Role.MUNICIPAL_ADMIN: frozenset({P.SEE_SCHOOLS, P.SEE_PEOPLE}),
    # Keeps the installation by commands; sees no municipality's data.
    Role.INSTALLATION_ADMIN: frozenset(),
}

SCOPES: dict[Role, Scope] = {
    Role.COORDINATOR: Scope.SCHOOL,
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
