"""Drives served mock workspaces with the official Databricks SDK: one line of JSON for each case.

    MOCK_TOKEN=… MOCK_HOSTS='{"jobs": "http://127.0.0.1:8099", …}' python drive.py

A line is {"group", "name", "ms"}, with "error" when the case failed. MOCK_HOSTS names a workspace for each group of
cases; cases of a group run one after another and make their own objects. The process fails only when it cannot run.
"""

import importlib
import json
import pathlib
import time
import traceback

import answers
from support import CASES, HOSTS, Case, Mock, case, equal

# Importing a module puts its cases into the table, and what reads its answers into another one.
for file in sorted(pathlib.Path(__file__).parent.glob("*_cases.py")):
    importlib.import_module(file.stem)


@case("answers", "no answer holds a field or an enum value that the SDK does not know")
def _(_mock: Mock):
    equal(sorted(answers.lost), [])


@case("answers", "every answer is read by a dataclass of the SDK")
def _(_mock: Mock):
    # The SDK has no Jobs 2.1.
    equal(sorted(answers.unread), ["GET /api/2.1/jobs/get"])
    equal(sorted(answers.READERS.keys() - answers.used), [])


@case("answers", "a field or an enum value that the SDK does not know would show")
def _(_mock: Mock):
    run = {"run_id": 1, "state": {"life_cycle_state": "DREAMING"}, "tasks": [{"task_key": "a", "made_up": 1}]}
    held = answers.READERS[f"GET {answers.JOBS}/runs/get"].from_dict(run).as_dict()
    equal(answers.missing(run, held), ["state.life_cycle_state", "tasks[].made_up"])


def attempt(one: Case) -> dict:
    """Runs one case."""
    begin = time.monotonic()
    result = {"group": one.group, "name": one.name}
    try:
        one.run(Mock(HOSTS.get(one.group, "")))
    except Exception:  # A case may fail in any way.
        result["error"] = traceback.format_exc()
    return {**result, "ms": round((time.monotonic() - begin) * 1000)}


for each in CASES:
    print(json.dumps(attempt(each)), flush=True)
