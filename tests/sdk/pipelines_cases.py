"""Pipelines."""

from databricks.sdk.errors import InvalidParameterValue, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import pipelines

import answers
from support import Mock, case, equal, raises

PIPELINES = r"/api/2\.0/pipelines"

answers.READERS.update(
    {
        f"GET {PIPELINES}": pipelines.ListPipelinesResponse,
        f"POST {PIPELINES}": pipelines.CreatePipelineResponse,
        f"GET {PIPELINES}/[0-9a-f-]+": pipelines.GetPipelineResponse,
        f"PUT {PIPELINES}/[0-9a-f-]+": answers.Nothing,
        f"DELETE {PIPELINES}/[0-9a-f-]+": answers.Nothing,
    }
)

LIBRARIES = [pipelines.PipelineLibrary(notebook=pipelines.NotebookLibrary(path="/Shared/orders"))]


@case("compute", "a pipeline lives: create, get, update, list, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.pipelines.create(name="orders", catalog="Main", schema="sales", libraries=LIBRARIES, tags={"team": "a"})
    found = w.pipelines.get(made.pipeline_id)
    equal((found.name, found.state, found.spec.catalog), ("orders", pipelines.PipelineState.IDLE, "main"))
    equal((found.spec.id, found.spec.channel, found.spec.edition), (made.pipeline_id, "CURRENT", "ADVANCED"))
    equal((found.spec.tags, found.spec.libraries), ({"team": "a"}, LIBRARIES))
    assert found.creator_user_name and found.last_modified, found
    w.pipelines.update(made.pipeline_id, name="sales", catalog="main", schema="sales", development=True)
    found = w.pipelines.get(made.pipeline_id)
    equal((found.name, found.spec.development, found.spec.libraries, found.spec.tags), ("sales", True, [], None))
    [row] = w.pipelines.list_pipelines(filter="name LIKE 'sal%'")
    equal((row.pipeline_id, row.name, row.state), (made.pipeline_id, "sales", pipelines.PipelineState.IDLE))
    equal(list(w.pipelines.list_pipelines(filter="name LIKE 'orders'")), [])
    w.pipelines.delete(made.pipeline_id)
    with raises(ResourceDoesNotExist, "was not found"):
        w.pipelines.get(made.pipeline_id)


@case("compute", "more pipelines than fit on a page are all listed")
def _(mock: Mock):
    w = mock.client()
    made = {w.pipelines.create(name=f"p{number}").pipeline_id for number in range(30)}
    equal(made - {row.pipeline_id for row in w.pipelines.list_pipelines()}, set())
    equal(made - {row.pipeline_id for row in w.pipelines.list_pipelines(max_results=7)}, set())
    with raises(InvalidParameterValue, "max_results"):
        list(w.pipelines.list_pipelines(max_results=101))


@case("compute", "a name that is taken is refused, and so is an edit that did not see the one before")
def _(mock: Mock):
    w = mock.client()
    made = w.pipelines.create(name="orders")
    with raises(ResourceAlreadyExists, "already used by another pipeline"):
        w.pipelines.create(name="orders")
    seen = w.pipelines.get(made.pipeline_id).last_modified
    w.pipelines.update(made.pipeline_id, name="orders", expected_last_modified=seen)
    with raises(ResourceAlreadyExists):
        w.pipelines.update(made.pipeline_id, name="orders", expected_last_modified=seen - 1)
