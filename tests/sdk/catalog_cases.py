"""Unity Catalog: schemas."""

from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service import catalog

import answers
from support import Mock, case, equal, raises

ALL = r"/api/2\.1/unity-catalog"
NAME = r"[\w.-]+"

answers.READERS.update(
    {
        f"GET {ALL}/schemas": catalog.ListSchemasResponse,
        f"POST {ALL}/schemas": catalog.SchemaInfo,
        f"(GET|PATCH) {ALL}/schemas/{NAME}": catalog.SchemaInfo,
        f"DELETE {ALL}/schemas/{NAME}": answers.Nothing,
    }
)


@case("catalog", "a schema lives: create, get, list, update, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.schemas.create(name="Sales", catalog_name="main", comment="Orders", properties={"team": "sales"})
    equal((made.full_name, made.name, made.catalog_name), ("main.sales", "sales", "main"))
    assert made.schema_id and made.created_at and made.created_by, made
    equal(w.schemas.get("MAIN.sales").comment, "Orders")
    equal(sorted(one.full_name for one in w.schemas.list("main")), ["main.default", "main.sales"])
    changed = w.schemas.update("main.sales", comment="", owner="data-engineers")
    equal((changed.comment or "", changed.owner), ("", "data-engineers"))
    assert changed.updated_at > made.updated_at, changed
    w.schemas.delete("main.sales")
    with raises(NotFound, "does not exist"):
        w.schemas.get("main.sales")


@case("catalog", "a schema is refused whose name is taken, or whose catalog is missing")
def _(mock: Mock):
    w = mock.client()
    with raises(BadRequest, "already exists"):
        w.schemas.create(name="DEFAULT", catalog_name="main")
    with raises(NotFound, "Catalog 'nowhere' does not exist"):
        w.schemas.create(name="x", catalog_name="nowhere")
    with raises(NotFound, "Catalog 'nowhere' does not exist"):
        list(w.schemas.list("nowhere"))
    with raises(InvalidParameterValue, "Nothing to update"):
        w.schemas.update("main.default")
