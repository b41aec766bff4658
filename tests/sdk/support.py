"""What the cases share: the table of cases, clients of the official SDK, and a person at the mock's back door."""

import contextlib
import json
import os
import urllib.request
from dataclasses import dataclass, field
from typing import Callable, Iterator

from databricks.sdk import WorkspaceClient
from databricks.sdk.clock import Clock
from databricks.sdk.config import Config
from databricks.sdk.service import jobs

import answers

TOKEN = os.environ["MOCK_TOKEN"]
HOSTS: dict[str, str] = json.loads(os.environ["MOCK_HOSTS"])


@dataclass
class Case:
    """One claim about the mock and the function that shows it."""

    group: str
    name: str
    run: Callable[["Mock"], None]


CASES: list[Case] = []


def case(group: str, name: str):
    """Puts a function into the table; it gets the mock workspace that serves its group."""

    def add(run: Callable[["Mock"], None]):
        CASES.append(Case(group, name, run))
        return run

    return add


@dataclass
class StoppedClock(Clock):
    """Time that passes only by sleeping, which takes none: tells how long the SDK wanted to wait."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Mock:
    """A served mock workspace."""

    def __init__(self, host: str):
        self.host = host

    def client(self, *, clock: Clock | None = None, **how) -> WorkspaceClient:
        """A client of the SDK that checks every answer against the SDK's dataclasses; by default with the token."""
        how = how or {"token": TOKEN}
        client = WorkspaceClient(config=Config(host=self.host, clock=clock, **how))
        send = client.api_client.do

        def checked(method, path=None, *args, **kwargs):
            answer = send(method, path, *args, **kwargs)
            answers.check(method, path, answer)
            return answer

        client.api_client.do = checked
        return client

    def control(self, line: str, body: dict | None = None) -> dict:
        """Asks the mock's own endpoints, which no ledger shows."""
        method, path = line.split(" ")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.host + path, data, method=method)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    @contextlib.contextmanager
    def fault(self, match: str, **rule) -> Iterator[None]:
        """Puts a fault rule in force for a block."""
        self.control("POST /_/faults", {"match": match, **rule})
        try:
            yield
        finally:
            self.control("DELETE /_/faults")

    @contextlib.contextmanager
    def calls(self) -> Iterator[dict[str, int]]:
        """Counts the calls of a block by "METHOD /path"; filled when the block ends."""
        counts: dict[str, int] = {}
        before = self.control("GET /_/ledger?count=true")
        yield counts
        after = self.control("GET /_/ledger?count=true")
        counts.update({line: n - before.get(line, 0) for line, n in after.items() if n > before.get(line, 0)})

    def finish(self, run_id: int, result: str = "SUCCESS", message: str = "") -> None:
        """Ends a run, as its tasks would."""
        self.control(f"POST /_/runs/{run_id}/finish", {"result_state": result, "state_message": message})


def task(key: str, **more) -> jobs.Task:
    """A task that does a little."""
    return jobs.Task(task_key=key, notebook_task=jobs.NotebookTask(notebook_path=f"/{key}"), **more)


def tasks(count: int) -> list[jobs.Task]:
    """Many tasks, in the order of their keys."""
    return [task(f"t{index:03}") for index in range(count)]


def equal(actual, expected) -> None:
    """Fails when two values differ."""
    assert actual == expected, f"{actual!r} is not {expected!r}"


@contextlib.contextmanager
def raises(error: type[Exception], message: str = "") -> Iterator[None]:
    """Fails unless a block raises an error of exactly this class whose message holds the text."""
    try:
        yield
    except Exception as raised:
        if type(raised) is not error or message not in str(raised):
            raise AssertionError(f"{error.__name__} {message!r} expected, not {raised!r}") from raised
        return
    raise AssertionError(f"{error.__name__} expected, but nothing was raised")
