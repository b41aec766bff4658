"""Git credentials, repos and the folders that they are in."""

from databricks.sdk.errors import BadRequest, InvalidParameterValue, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import workspace

from support import Mock, case, equal, raises

MISSING = 4611686018427387905
URL = "https://github.com/example/reports.git"


@case("git", "a workspace without credentials and repos lists none")
def _(mock: Mock):
    w = mock.client()
    equal((list(w.git_credentials.list()), list(w.repos.list())), ([], []))


@case("git", "a credential is created without its token coming back")
def _(mock: Mock):
    w = mock.client()
    made = w.git_credentials.create("gitHub", git_username="octocat", personal_access_token="ghp_1", name="first")
    assert made.credential_id > 2**53, made.credential_id
    equal((made.git_provider, made.git_username, made.name), ("gitHub", "octocat", "first"))
    found = w.git_credentials.get(made.credential_id)
    equal(found.as_dict(), made.as_dict())
    assert "ghp_1" not in str(found)
    equal([one.as_dict() for one in w.git_credentials.list()], [made.as_dict()])


@case("git", "a credential is updated, and deleted")
def _(mock: Mock):
    w = mock.client()
    credential_id = w.git_credentials.create("gitLab", git_username="a", personal_access_token="t").credential_id
    w.git_credentials.update(credential_id, "gitLab", git_username="b", git_email="b@example.com")
    found = w.git_credentials.get(credential_id)
    equal((found.git_username, found.git_email), ("b", "b@example.com"))
    w.git_credentials.delete(credential_id)
    with raises(ResourceDoesNotExist):
        w.git_credentials.get(credential_id)


@case("git", "a provider has at most one default credential")
def _(mock: Mock):
    w = mock.client()
    first, second = (
        w.git_credentials.create("bitbucketCloud", git_username=name, is_default_for_provider=True).credential_id
        for name in "ab"
    )
    equal(w.git_credentials.get(first).is_default_for_provider, False)
    equal(w.git_credentials.get(second).is_default_for_provider, True)


@case("git", "a second credential of the same user is ResourceAlreadyExists")
def _(mock: Mock):
    w = mock.client()
    w.git_credentials.create("awsCodeCommit", git_username="a")
    with raises(ResourceAlreadyExists, "already exists"):
        w.git_credentials.create("awsCodeCommit", git_username="a")


@case("other dialect", "a workspace that says 409 for a second credential raises the same class")
def _(mock: Mock):
    w = mock.client()
    w.git_credentials.create("gitHub", git_username="a")
    with raises(ResourceAlreadyExists, "already exists"):
        w.git_credentials.create("gitHub", git_username="a")


@case("git", "an unknown Git provider is InvalidParameterValue")
def _(mock: Mock):
    w = mock.client()
    for call in [lambda: w.git_credentials.create("sourceForge"), lambda: w.repos.create(URL, "sourceForge")]:
        with raises(InvalidParameterValue, "sourceForge"):
            call()


@case("git", "missing credentials and repos are ResourceDoesNotExist for get, update and delete")
def _(mock: Mock):
    w = mock.client()
    for call in [
        lambda: w.git_credentials.get(MISSING),
        lambda: w.git_credentials.update(MISSING, "gitHub"),
        lambda: w.git_credentials.delete(MISSING),
        lambda: w.repos.get(MISSING),
        lambda: w.repos.update(MISSING, branch="main"),
        lambda: w.repos.delete(MISSING),
    ]:
        with raises(ResourceDoesNotExist, "could not be found"):
            call()


@case("git", "a repo needs the folder above it")
def _(mock: Mock):
    w = mock.client()
    with raises(ResourceDoesNotExist, "/Repos/team"):
        w.repos.create(URL, "gitHub", path="/Repos/team/reports")
    w.workspace.mkdirs("/Repos/team")
    made = w.repos.create(URL, "gitHub", path="/Repos/team/reports")
    assert made.id > 2**53, made.id
    equal((made.path, made.url, made.provider, made.branch), ("/Repos/team/reports", URL, "gitHub", "main"))
    found = w.repos.get(made.id)
    equal((found.id, found.head_commit_id, len(found.head_commit_id)), (made.id, made.head_commit_id, 40))


@case("git", "a repo without a path goes to the caller's folder")
def _(mock: Mock):
    equal(mock.client().repos.create(URL, "gitHub").path, "/Repos/operator@example.com/reports")


@case("git", "an occupied path is ResourceAlreadyExists")
def _(mock: Mock):
    w = mock.client()
    w.workspace.mkdirs("/Repos/occupied")
    w.repos.create(URL, "gitHub", path="/Repos/occupied/a")
    with raises(ResourceAlreadyExists, "/Repos/occupied/a"):
        w.repos.create(URL, "gitHub", path="/Repos/occupied/a")


@case("git", "a repo follows branches and tags; a tag leaves no branch")
def _(mock: Mock):
    w = mock.client()
    repo = w.repos.create(URL, "gitHub", path="/Shared/branches")
    w.repos.update(repo.id, branch="release")
    moved = w.repos.get(repo.id)
    equal(moved.branch, "release")
    assert moved.head_commit_id != repo.head_commit_id
    w.repos.update(repo.id, tag="v1")
    equal(w.repos.get(repo.id).branch, None)
    with raises(InvalidParameterValue, "branch and tag"):
        w.repos.update(repo.id, branch="main", tag="v1")


@case("git", "a sparse checkout keeps its patterns, and cannot be turned on later")
def _(mock: Mock):
    w = mock.client()
    sparse = workspace.SparseCheckout(["src"])
    repo = w.repos.create(URL, "gitHub", path="/Shared/sparse", sparse_checkout=sparse)
    w.repos.update(repo.id, sparse_checkout=workspace.SparseCheckoutUpdate(["docs"]))
    equal(w.repos.get(repo.id).sparse_checkout.patterns, ["docs"])
    whole = w.repos.create(URL, "gitHub", path="/Shared/whole")
    try:
        w.repos.update(whole.id, sparse_checkout=workspace.SparseCheckoutUpdate(["docs"]))
    except BadRequest:
        return
    raise AssertionError("sparse checkout was turned on afterwards")


@case("git", "repos.list iterates over 45 repos in pages, below a prefix")
def _(mock: Mock):
    w = mock.client()
    w.workspace.mkdirs("/Repos/many")
    made = {w.repos.create(URL, "gitHub", path=f"/Repos/many/r{index}").id for index in range(45)}
    with mock.calls() as calls:
        found = [repo.id for repo in w.repos.list(path_prefix="/Repos/many")]
    equal((set(found), len(found)), (made, 45))
    equal(calls, {"GET /api/2.0/repos": 3})
    assert made <= {repo.id for repo in w.repos.list()}


@case("git", "get_status finds a repo and a folder by path")
def _(mock: Mock):
    w = mock.client()
    w.workspace.mkdirs("/Repos/status")
    repo = w.repos.create(URL, "gitHub", path="/Repos/status/a")
    found = w.workspace.get_status("/Repos/status/a")
    equal((found.object_type, found.object_id, found.path), (workspace.ObjectType.REPO, repo.id, repo.path))
    equal(w.workspace.get_status("/Repos/status").object_type, workspace.ObjectType.DIRECTORY)
    with raises(ResourceDoesNotExist, "/Repos/nowhere"):
        w.workspace.get_status("/Repos/nowhere")


@case("git", "a deleted repo is missing, and its path is free again")
def _(mock: Mock):
    w = mock.client()
    for _ in range(2):
        repo = w.repos.create(URL, "gitHub", path="/Shared/again")
        w.repos.delete(repo.id)
        with raises(ResourceDoesNotExist):
            w.repos.get(repo.id)


@case("git", "a repo's permissions name its creator")
def _(mock: Mock):
    w = mock.client()
    w.workspace.mkdirs("/Repos/permissions")
    made = w.repos.create(URL, "gitHub", path="/Repos/permissions/reports")
    found = w.repos.get_permissions(str(made.id))
    equal(found.object_type, "repo")
    assert any(entry.user_name == "operator@example.com" for entry in found.access_control_list), found
