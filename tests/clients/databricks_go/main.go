// Drives a workspace as programs with the official Databricks SDK for Go do, among them the Databricks CLI and
// Terraform's provider; with "terraform" in front of its arguments, as that provider does. Each check prints one line: "ok NAME" or "FAILED NAME: why".
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

type check struct {
	name string
	run  func(context.Context, *databricks.WorkspaceClient) error
}

var checks = []check{
	{"the current user is known, and the workspace's id with it", currentUser},
	{"a job is made, read, reset, updated, listed by name and deleted", jobLife},
	{"a job of 250 tasks is read whole", manyTasks},
	{"a run is started once for a token, waited for, and its output read", runLife},
	{"a git credential is made, listed, changed and deleted", credentialLife},
	{"a repo is cloned, checked out on a branch and deleted", repoLife},
	{"a scope, its keys and its access lists", scopeLife},
	{"permissions of a job are read and replaced", permissionsLife},
	{"a missing resource is the SDK's own error", missing},
}

func main() {
	args, all := os.Args[1:], checks
	if args[0] == "terraform" {
		args, all = args[1:], terraformChecks
	}
	w, err := databricks.NewWorkspaceClient(&databricks.Config{Host: args[0], Token: args[1], AuthType: "pat"})
	if err != nil {
		fmt.Println("FAILED client:", err)
		os.Exit(1)
	}
	failed := false
	for _, check := range all {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		if err := check.run(ctx, w); err != nil {
			failed = true
			fmt.Printf("FAILED %s: %v\n", check.name, err)
		} else {
			fmt.Printf("ok %s\n", check.name)
		}
		cancel()
	}
	if failed {
		os.Exit(1)
	}
}

func currentUser(ctx context.Context, w *databricks.WorkspaceClient) error {
	me, err := w.CurrentUser.Me(ctx, iam.MeRequest{})
	if err != nil {
		return err
	}
	if me.UserName == "" {
		return errors.New("it has no name")
	}
	id, err := w.CurrentWorkspaceID(ctx)
	if err == nil && id == 0 {
		return errors.New("the workspace has no id")
	}
	return err
}

func task(key string) jobs.Task {
	return jobs.Task{TaskKey: key, NotebookTask: &jobs.NotebookTask{NotebookPath: "/a"}, ExistingClusterId: "c"}
}

func create(ctx context.Context, w *databricks.WorkspaceClient, name string, tasks ...jobs.Task) (int64, error) {
	made, err := w.Jobs.Create(ctx, jobs.CreateJob{Name: name, Tasks: tasks})
	if err != nil {
		return 0, err
	}
	return made.JobId, nil
}

func jobLife(ctx context.Context, w *databricks.WorkspaceClient) error {
	id, err := create(ctx, w, "go", task("a"))
	if err != nil {
		return err
	}
	if err := w.Jobs.Reset(ctx, jobs.ResetJob{JobId: id, NewSettings: jobs.JobSettings{Name: "go 2", Tasks: []jobs.Task{task("a"), task("b")}}}); err != nil {
		return err
	}
	if err := w.Jobs.Update(ctx, jobs.UpdateJob{JobId: id, NewSettings: &jobs.JobSettings{TimeoutSeconds: 60}}); err != nil {
		return err
	}
	job, err := w.Jobs.GetByJobId(ctx, id)
	if err != nil {
		return err
	}
	if s := job.Settings; s.Name != "go 2" || len(s.Tasks) != 2 || s.TimeoutSeconds != 60 {
		return fmt.Errorf("it is %+v", s)
	}
	found, err := w.Jobs.ListAll(ctx, jobs.ListJobsRequest{Name: "go 2"})
	if err != nil || len(found) != 1 || found[0].JobId != id {
		return fmt.Errorf("the list is %v, %v", found, err)
	}
	return w.Jobs.DeleteByJobId(ctx, id)
}

func manyTasks(ctx context.Context, w *databricks.WorkspaceClient) error {
	var tasks []jobs.Task
	for i := range 250 {
		tasks = append(tasks, task(fmt.Sprintf("t%d", i)))
	}
	id, err := create(ctx, w, "many", tasks...)
	if err != nil {
		return err
	}
	job, err := w.Jobs.Get(ctx, jobs.GetJobRequest{JobId: id})
	if err != nil {
		return err
	}
	if len(job.Settings.Tasks) != 250 {
		return fmt.Errorf("%d tasks", len(job.Settings.Tasks))
	}
	return w.Jobs.DeleteByJobId(ctx, id)
}

func runLife(ctx context.Context, w *databricks.WorkspaceClient) error {
	id, err := create(ctx, w, "runs", task("a"))
	if err != nil {
		return err
	}
	request := jobs.RunNow{JobId: id, IdempotencyToken: "once"}
	wait, err := w.Jobs.RunNow(ctx, request)
	if err != nil {
		return err
	}
	again, err := w.Jobs.RunNow(ctx, request)
	if err != nil || again.Response.RunId != wait.Response.RunId {
		return fmt.Errorf("a second run for one token: %v", err)
	}
	run, err := wait.GetWithTimeout(20 * time.Second)
	if err != nil {
		return err
	}
	if run.State.ResultState != jobs.RunResultStateSuccess || run.Status == nil || run.Status.State != jobs.RunLifecycleStateV2StateTerminated {
		return fmt.Errorf("it ended as %+v, %+v", run.State, run.Status)
	}
	if _, err := w.Jobs.GetRunOutputByRunId(ctx, run.Tasks[0].RunId); err != nil {
		return err
	}
	return w.Jobs.DeleteByJobId(ctx, id)
}

func credentialLife(ctx context.Context, w *databricks.WorkspaceClient) error {
	made, err := w.GitCredentials.Create(ctx, workspace.CreateCredentialsRequest{GitProvider: "gitHub", GitUsername: "a", PersonalAccessToken: "t"})
	if err != nil {
		return err
	}
	if err := w.GitCredentials.Update(ctx, workspace.UpdateCredentialsRequest{CredentialId: made.CredentialId, GitProvider: "gitHub", GitUsername: "b", PersonalAccessToken: "u"}); err != nil {
		return err
	}
	found, err := w.GitCredentials.GetByCredentialId(ctx, made.CredentialId)
	if err != nil || found.GitUsername != "b" {
		return fmt.Errorf("it is %v, %v", found, err)
	}
	return w.GitCredentials.DeleteByCredentialId(ctx, made.CredentialId)
}

func repoLife(ctx context.Context, w *databricks.WorkspaceClient) error {
	made, err := w.Repos.Create(ctx, workspace.CreateRepoRequest{Url: "https://github.com/example/go.git", Provider: "gitHub", Path: "/Repos/go/go"})
	if err != nil {
		return err
	}
	if err := w.Repos.Update(ctx, workspace.UpdateRepoRequest{RepoId: made.Id, Branch: "other"}); err != nil {
		return err
	}
	found, err := w.Repos.GetByRepoId(ctx, made.Id)
	if err != nil || found.Branch != "other" {
		return fmt.Errorf("it is %v, %v", found, err)
	}
	return w.Repos.DeleteByRepoId(ctx, made.Id)
}

func scopeLife(ctx context.Context, w *databricks.WorkspaceClient) error {
	if err := w.Secrets.CreateScope(ctx, workspace.CreateScope{Scope: "go"}); err != nil {
		return err
	}
	value := base64.StdEncoding.EncodeToString([]byte{0, 255})
	if err := w.Secrets.PutSecret(ctx, workspace.PutSecret{Scope: "go", Key: "k", BytesValue: value}); err != nil {
		return err
	}
	secret, err := w.Secrets.GetSecret(ctx, workspace.GetSecretRequest{Scope: "go", Key: "k"})
	if err != nil || secret.Value != value {
		return fmt.Errorf("the value is %v, %v", secret, err)
	}
	if err := w.Secrets.PutAcl(ctx, workspace.PutAcl{Scope: "go", Principal: "users", Permission: workspace.AclPermissionRead}); err != nil {
		return err
	}
	acls, err := w.Secrets.ListAclsAll(ctx, workspace.ListAclsRequest{Scope: "go"})
	if err != nil || len(acls) != 2 {
		return fmt.Errorf("the lists are %v, %v", acls, err)
	}
	return w.Secrets.DeleteScope(ctx, workspace.DeleteScope{Scope: "go"})
}

func permissionsLife(ctx context.Context, w *databricks.WorkspaceClient) error {
	id, err := create(ctx, w, "permissions", task("a"))
	if err != nil {
		return err
	}
	me, err := w.CurrentUser.Me(ctx, iam.MeRequest{})
	if err != nil {
		return err
	}
	job := fmt.Sprint(id)
	_, err = w.Permissions.Set(ctx, iam.SetObjectPermissions{RequestObjectType: "jobs", RequestObjectId: job, AccessControlList: []iam.AccessControlRequest{
		{UserName: me.UserName, PermissionLevel: iam.PermissionLevelIsOwner},
		{GroupName: "users", PermissionLevel: iam.PermissionLevelCanView},
	}})
	if err != nil {
		return err
	}
	found, err := w.Permissions.Get(ctx, iam.GetPermissionRequest{RequestObjectType: "jobs", RequestObjectId: job})
	if err != nil {
		return err
	}
	levels, err := w.Permissions.GetPermissionLevels(ctx, iam.GetPermissionLevelsRequest{RequestObjectType: "jobs", RequestObjectId: job})
	if err != nil || len(levels.PermissionLevels) == 0 {
		return fmt.Errorf("the levels are %v, %v", levels, err)
	}
	for _, entry := range found.AccessControlList {
		if entry.GroupName == "users" && entry.AllPermissions[0].PermissionLevel == iam.PermissionLevelCanView {
			return w.Jobs.DeleteByJobId(ctx, id)
		}
	}
	return fmt.Errorf("they are %v", found.AccessControlList)
}

func missing(ctx context.Context, w *databricks.WorkspaceClient) error {
	if _, err := w.Jobs.GetByJobId(ctx, 1); !errors.Is(err, databricks.ErrResourceDoesNotExist) && !errors.Is(err, apierr.ErrInvalidParameterValue) {
		return fmt.Errorf("a job: %v", err)
	}
	if _, err := w.Secrets.ListSecretsAll(ctx, workspace.ListSecretsRequest{Scope: "none"}); !errors.Is(err, databricks.ErrResourceDoesNotExist) {
		return fmt.Errorf("a scope: %v", err)
	}
	return nil
}
