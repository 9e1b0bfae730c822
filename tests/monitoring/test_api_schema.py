"""Does the API answer only what its OpenAPI says, to a token, to a session and to a stranger, whatever it is asked?"""

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth

from monitoring.api.published import api
from monitoring.models import Submission
from portal.actions import issue_token
from portal.models import Membership
from portal.wsgi import application
from tests.factories import SchoolFactory, accepted, specialist_of, submission

pytestmark = pytest.mark.django_db
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A call ends with its connection to the database closed, which would end the transaction of the test too."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def operations():
    """The addresses of the API by name, as its OpenAPI describes them."""
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    schema.app = application
    found = [one.ok() for one in schema.get_all_operations()]
    return {one.definition.raw["operationId"]: one for one in found}


@pytest.fixture
def form() -> Submission:
    form = submission(SchoolFactory(), 2021)
    accepted(form)
    return form


def way_in(kind: str, member: Membership) -> dict[str, dict[str, str]]:
    """What a call carries by a token, by a session, or by nobody."""
    headers, cookies = {"Host": "localhost"}, {}
    if kind == "token":
        _, code = issue_token(municipality=member.municipality, name="Проверка", days=1, by=member.user)
        headers["Authorization"] = f"Bearer {code}"
    if kind == "session":
        browser = Client()
        browser.force_login(member.user)
        cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    return {"headers": headers, "cookies": cookies}


def answered(case, carried) -> int:
    """The status of a call, whose answer the OpenAPI has foreseen."""
    answer = case.call(**carried)
    case.validate_response(answer, excluded_checks=[ignored_auth])  # the way in is ours, not of schemathesis
    return answer.status_code


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("kind", ["token", "session", "stranger"])
def test_nothing_breaks_and_nothing_is_undocumented(kind, mode, operations, form):
    carried = way_in(kind, specialist_of(form.municipality))
    seen = set()
    for operation in operations.values():

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            seen.add(answered(case, carried))

        ask()
    assert seen <= {200, 401, 403, 404, 405, 422}
    if mode is GenerationMode.POSITIVE:
        assert (200 in seen) == (kind != "stranger"), "whoever is let in nowhere proves nothing"


@pytest.mark.parametrize("kind", ["token", "session"])
def test_real_answers_are_those_of_the_openapi(kind, operations, form):
    carried = way_in(kind, specialist_of(form.municipality))
    asked = {
        "catalogue": {},
        "schools": {"query": {"limit": 1}},
        "values": {"query": {"year": 2021, "level": "school", "limit": 1000}},
        "checks": {"query": {"offset": 5}},
        "findings": {"path_parameters": {"public_id": str(form.public_id)}},
    }
    assert asked.keys() == operations.keys()
    statuses = {name: answered(operations[name].Case(**given_), carried) for name, given_ in asked.items()}
    assert statuses == dict.fromkeys(asked, 200) | ({"findings": 403} if kind == "token" else {})
