"""Unity Catalog: catalogs, schemas, volumes, credentials and locations, and who may do what with them."""

from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied
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
        f"DELETE {ALL}/(catalogs|schemas|volumes|models|storage-credentials|external-locations)/{NAME}": answers.Nothing,
        f"GET {ALL}/catalogs": catalog.ListCatalogsResponse,
        f"POST {ALL}/catalogs": catalog.CatalogInfo,
        f"(GET|PATCH) {ALL}/catalogs/{NAME}": catalog.CatalogInfo,
        f"GET {ALL}/models": catalog.ListRegisteredModelsResponse,
        f"POST {ALL}/models": catalog.RegisteredModelInfo,
        f"(GET|PATCH) {ALL}/models/{NAME}": catalog.RegisteredModelInfo,
        f"DELETE {ALL}/connections/{NAME}": answers.Nothing,
        f"GET {ALL}/connections": catalog.ListConnectionsResponse,
        f"POST {ALL}/connections": catalog.ConnectionInfo,
        f"(GET|PATCH) {ALL}/connections/{NAME}": catalog.ConnectionInfo,
        f"GET {ALL}/volumes": catalog.ListVolumesResponseContent,
        f"POST {ALL}/volumes": catalog.VolumeInfo,
        f"(GET|PATCH) {ALL}/volumes/{NAME}": catalog.VolumeInfo,
        f"GET {ALL}/storage-credentials": catalog.ListStorageCredentialsResponse,
        f"POST {ALL}/storage-credentials": catalog.StorageCredentialInfo,
        f"(GET|PATCH) {ALL}/storage-credentials/{NAME}": catalog.StorageCredentialInfo,
        f"GET {ALL}/external-locations": catalog.ListExternalLocationsResponse,
        f"POST {ALL}/external-locations": catalog.ExternalLocationInfo,
        f"(GET|PATCH) {ALL}/external-locations/{NAME}": catalog.ExternalLocationInfo,
        f"PATCH {ALL}/bindings/catalog/{NAME}": catalog.UpdateWorkspaceBindingsResponse,
        f"GET {ALL}/current-metastore-assignment": catalog.MetastoreAssignment,
    }
)


@case("catalog", "a schema lives: create, get, list, update, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.schemas.create(name="Sales", catalog_name="main", comment="Orders", properties={"team": "sales"})
    equal((made.full_name, made.name, made.catalog_name), ("main.sales", "sales", "main"))
    assert made.schema_id and made.created_at and made.created_by, made
    equal(w.schemas.get("MAIN.sales").comment, "Orders")
    names = ["main.default", "main.information_schema", "main.sales"]
    equal(sorted(one.full_name for one in w.schemas.list("main")), names)
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


@case("catalog", "a catalog lives: create, get, list, update, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.catalogs.create(name="Finance", comment="Books", properties={"team": "finance"})
    equal((made.full_name, made.catalog_type), ("finance", catalog.CatalogType.MANAGED_CATALOG))
    assert "finance" in [one.name for one in w.catalogs.list()]
    equal([one.name for one in w.schemas.list("finance")], ["information_schema", "default"])
    changed = w.catalogs.update("finance", comment="All books", owner="finance-admins")
    equal((changed.comment, changed.owner), ("All books", "finance-admins"))
    with raises(BadRequest, "is not empty"):
        w.catalogs.delete("finance")
    w.catalogs.delete("finance", force=True)
    with raises(NotFound, "does not exist"):
        w.catalogs.get("finance")
    with raises(NotFound, "Catalog 'finance' does not exist"):
        list(w.schemas.list("finance"))


@case("catalog", "an isolated catalog is read where it is bound, and only there")
def _(mock: Mock):
    w = mock.client()
    w.catalogs.create(name="apart")
    here = w.metastores.current().workspace_id
    w.catalogs.update("apart", isolation_mode=catalog.CatalogIsolationMode.ISOLATED)
    with raises(PermissionDenied, "not accessible in current workspace"):
        w.catalogs.get("apart")
    binding = catalog.WorkspaceBinding(here, catalog.WorkspaceBindingBindingType.BINDING_TYPE_READ_WRITE)
    bound = w.workspace_bindings.update_bindings("catalog", "apart", add=[binding])
    equal([one.workspace_id for one in bound.bindings], [here])
    equal(w.catalogs.get("apart").isolation_mode, catalog.CatalogIsolationMode.ISOLATED)


@case("catalog", "a registered model lives: create, get, list, update, delete")
def _(mock: Mock):
    w = mock.client()
    made = w.registered_models.create(
        catalog_name="main", schema_name="default", name="churn", comment="Who may leave"
    )
    equal((made.full_name, made.comment), ("main.default.churn", "Who may leave"))
    assert made.storage_location, made
    equal(w.registered_models.get("main.default.churn").name, "churn")
    equal([one.name for one in w.registered_models.list(catalog_name="main", schema_name="default")], ["churn"])
    equal(w.registered_models.update("main.default.churn", owner="data-scientists").owner, "data-scientists")
    w.registered_models.delete("main.default.churn")
    equal(list(w.registered_models.list(catalog_name="main", schema_name="default")), [])


@case("catalog", "a connection lives: create, get, list, update, delete; its password is not told")
def _(mock: Mock):
    w = mock.client()
    login = {"host": "shop.example.com", "port": "5432", "user": "reader", "password": "s3cret"}
    made = w.connections.create("Shop", catalog.ConnectionType.POSTGRESQL, login, comment="Orders")
    equal((made.full_name, made.connection_type), ("shop", catalog.ConnectionType.POSTGRESQL))
    told = w.connections.get("shop")
    equal((told.comment, told.url, told.read_only), ("Orders", "shop.example.com:5432", False))
    equal(told.options, {"host": "shop.example.com", "port": "5432", "user": "reader"})
    equal([one.name for one in w.connections.list()], ["shop"])
    changed = w.connections.update("shop", {"host": "replica.example.com"}, owner="platform-admins")
    equal((changed.options["host"], changed.owner), ("replica.example.com", "platform-admins"))
    w.catalogs.create(name="shop_orders", connection_name="shop")
    with raises(BadRequest, "is not empty"):
        w.connections.delete("shop")
    w.catalogs.delete("shop_orders", force=True)
    w.connections.delete("shop")
    equal(list(w.connections.list()), [])
    with raises(InvalidParameterValue, "options is missing"):
        w.connections.create("x", catalog.ConnectionType.HTTP, None)


@case("catalog", "a volume lives: create, get, list, update, delete")
def _(mock: Mock):
    w = mock.client()
    kind = catalog.VolumeType.MANAGED
    made = w.volumes.create("main", "default", "landing", kind, comment="Files")
    equal((made.full_name, made.volume_type), ("main.default.landing", kind))
    assert made.storage_location and made.volume_id, made
    equal(w.volumes.read("main.default.landing").comment, "Files")
    equal([one.name for one in w.volumes.list("main", "default")], ["landing"])
    equal(w.volumes.update("main.default.landing", owner="data-engineers").owner, "data-engineers")
    w.volumes.delete("main.default.landing")
    equal(list(w.volumes.list("main", "default")), [])
    with raises(InvalidParameterValue, "can not be provided"):
        w.volumes.create("main", "default", "x", kind, storage_location="s3://x/y")


GRANTS = rf"{ALL}/permissions/\w+/{NAME}"
answers.READERS[f"(GET|PATCH) {GRANTS}"] = catalog.GetPermissionsResponse


@case("catalog", "grants live: update adds and removes, get tells what is left, pages and all at once")
def _(mock: Mock):
    w = mock.client()
    name = w.schemas.create(name="granted", catalog_name="main").full_name
    select, use, modify = catalog.Privilege.SELECT, catalog.Privilege.USE_SCHEMA, catalog.Privilege.MODIFY
    change = catalog.PermissionsChange(principal="analysts", add=[select, use])
    told = w.grants.update("schema", name, changes=[change])
    equal({one.principal for one in told.privilege_assignments}, {"analysts"})
    change = catalog.PermissionsChange(principal="analysts", add=[modify], remove=[use])
    w.grants.update("schema", name, changes=[change])
    for page in [w.grants.get("schema", name), w.grants.get("schema", name, max_results=0)]:
        rows = {one.principal: set(one.privileges) for one in page.privilege_assignments or []}
        equal(rows, {"analysts": {select, modify}})
    w.grants.update("schema", name, changes=[catalog.PermissionsChange(principal="Analysts", remove=[select, modify])])
    equal(w.grants.get("schema", name).privilege_assignments or [], [])
    w.schemas.delete(name)


@case("catalog", "a privilege to add and to remove at once is refused, and so are grants on what is not there")
def _(mock: Mock):
    w = mock.client()
    both = catalog.PermissionsChange(principal="a", add=[catalog.Privilege.SELECT], remove=[catalog.Privilege.SELECT])
    with raises(InvalidParameterValue, "Duplicate privileges to add and delete"):
        w.grants.update("schema", "main.default", changes=[both])
    with raises(NotFound, "does not exist"):
        w.grants.get("schema", "main.none")


@case("catalog", "a storage credential lives, and never tells its secret")
def _(mock: Mock):
    w = mock.client()
    role = catalog.AwsIamRoleRequest("arn:aws:iam::123456789012:role/landing")
    made = w.storage_credentials.create("landing_role", aws_iam_role=role, skip_validation=True)
    assert made.aws_iam_role.external_id and made.id, made
    equal(w.storage_credentials.get("landing_role").aws_iam_role.role_arn, role.role_arn)
    token = catalog.CloudflareApiToken("key", "s3cret", "account")
    w.storage_credentials.create("lake", cloudflare_api_token=token)
    equal(w.storage_credentials.update("lake", comment="The lake").comment, "The lake")
    w.storage_credentials.delete("lake")
    with raises(NotFound, "does not exist"):
        w.storage_credentials.get("lake")


@case("catalog", "an external location lives, and needs its credential")
def _(mock: Mock):
    w = mock.client()
    made = w.external_locations.create("landing", "s3://x/landing/", "metastore_default")
    equal((made.name, made.url, made.read_only), ("landing", "s3://x/landing", False))
    assert "landing" in [one.name for one in w.external_locations.list()]
    equal(w.external_locations.update("landing", read_only=True).read_only, True)
    equal(w.external_locations.get("landing").read_only, True)
    with raises(NotFound, "StorageCredential 'nobody' does not exist"):
        w.external_locations.create("other", "s3://x/other", "nobody")
    with raises(BadRequest, "is not empty"):
        w.storage_credentials.delete("metastore_default")
    assert {"landing_role", "metastore_default"} <= {one.name for one in w.storage_credentials.list()}
    w.external_locations.delete("landing")
    with raises(NotFound, "does not exist"):
        w.external_locations.get("landing")
