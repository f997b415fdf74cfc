"""The API is what its schema says, whatever it is asked: no request makes the server fail."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.result import Err, Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.server.dashboard.a_dashboard import Served

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
ENDLESS = "/api/events"
USUAL = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


Operation = APIOperation[Any, Any, Any, Any]


def test_no_request_makes_the_server_fail(own: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{own.root}/api/openapi.json")
    found = [_valid(result) for result in schema.get_all_operations()]
    operations = [operation for operation in found if operation.path != ENDLESS]
    assert len(operations) == len(found) - 1 >= 10
    asked = {operation.label: 0 for operation in operations}

    for operation in operations:
        # What takes nothing can't be asked wrongly.
        wrongly = [GenerationMode.NEGATIVE] if next(operation.iter_parameters(), None) else []
        for mode in (GenerationMode.POSITIVE, *wrongly):
            _ask(operation, mode, own.with_token, asked)
    assert all(asked.values()), asked


def _valid(result: Ok[Operation] | Err[InvalidSchema]) -> Operation:
    assert isinstance(result, Ok), result
    return result.ok()


def _ask(
    operation: Operation,
    mode: GenerationMode,
    headers: dict[str, str],
    asked: dict[str, int],
) -> None:
    @USUAL
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case[Any]) -> None:
        case.validate_response(case.call(headers=headers, timeout=60), checks=CHECKS)
        asked[operation.label] += 1

    run()
