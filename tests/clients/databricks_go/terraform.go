package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

// What Terraform does with a workspace: a plan, create, read, an empty plan, update, an empty plan, a refresh that finds
// nothing, create, destroy. The calls and their order were written by hand after what terraform-provider-databricks sends;
// they are not a recording of its traffic, and none of its code is here. The provider uses the same SDK.
var terraformChecks = []check{
	{"the provider knows its workspace", currentUser},
	{"a job: each plan after an apply is empty", jobResource},
	{"a secret scope: each plan after an apply is empty", scopeResource},
	{"an ACL of a scope: each plan after an apply is empty", aclResource},
	{"a secret: each plan after an apply is empty", secretResource},
	{"a git credential: each plan after an apply is empty", credentialResource},
	{"a git credential is taken over with force", forcedCredential},
	{"a git folder: each plan after an apply is empty", repoResource},
}

// values are the fields of a configuration or of a state.
type values map[string]any

// resource is a kind of Terraform's provider. Without update every change replaces it.
type resource struct {
	create func(values) (id string, err error)
	read   func(id string) (values, error)
	update func(id string, config values) error
	remove func(id string) error
}

// lifecycle applies a configuration and a change of it, and asks for a plan after every step.
func lifecycle(r resource, config, changed values) error {
	id, err := r.create(config)
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if err := emptyPlan(r, id, config); err != nil {
		return fmt.Errorf("after create: %w", err)
	}
	if id, err = change(r, id, changed); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if err := emptyPlan(r, id, changed); err != nil {
		return fmt.Errorf("after update: %w", err)
	}
	// Somebody deletes it behind Terraform's back: the next refresh takes it out of the state.
	if err := gone(r, id); err != nil {
		return fmt.Errorf("deleted elsewhere: %w", err)
	}
	if id, err = r.create(changed); err != nil {
		return fmt.Errorf("create after that: %w", err)
	}
	if err := emptyPlan(r, id, changed); err != nil {
		return fmt.Errorf("after the second create: %w", err)
	}
	if err := gone(r, id); err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	// The provider takes a deletion of what is not there for done.
	if err := r.remove(id); err != nil && !isMissing(err, id) {
		return fmt.Errorf("destroy of what is gone: %w", err)
	}
	return nil
}

func change(r resource, id string, changed values) (string, error) {
	if r.update != nil {
		return id, r.update(id, changed)
	}
	if err := r.remove(id); err != nil {
		return id, err
	}
	return r.create(changed)
}

// emptyPlan reads twice, as apply and the next plan do: what is configured must be in the state, and the state must stay.
func emptyPlan(r resource, id string, config values) error {
	state, err := r.read(id)
	if err != nil {
		return err
	}
	if differences := plan("", config, state); len(differences) > 0 {
		return fmt.Errorf("the plan is not empty: %s", strings.Join(differences, "; "))
	}
	again, err := r.read(id)
	if err == nil && !reflect.DeepEqual(state, again) {
		err = fmt.Errorf("a second read differs: %v, then %v", state, again)
	}
	return err
}

// gone removes and reads: the provider has to see from the error that there is nothing.
func gone(r resource, id string) error {
	if err := r.remove(id); err != nil {
		return err
	}
	if _, err := r.read(id); !isMissing(err, id) {
		return fmt.Errorf("a read of what is gone: %v", err)
	}
	return nil
}

// isMissing is how the provider tells; of jobs it knows the message besides.
func isMissing(err error, id string) bool {
	var answer *apierr.APIError
	isJob := errors.As(err, &answer) && strings.Contains(answer.Message, fmt.Sprintf("Job %s does not exist.", id))
	return isJob || errors.Is(err, apierr.ErrNotFound)
}

// plan tells where a state differs from what is configured; what is not configured is computed.
func plan(at string, config, state any) []string {
	switch wanted := config.(type) {
	case values:
		return plan(at, map[string]any(wanted), state)
	case map[string]any:
		if has, ok := state.(values); ok {
			state = map[string]any(has)
		}
		has, _ := state.(map[string]any)
		var found []string
		for key, value := range wanted {
			found = append(found, plan(at+"."+key, value, has[key])...)
		}
		sort.Strings(found)
		return found
	case []any:
		has, _ := state.([]any)
		if len(has) != len(wanted) {
			return []string{fmt.Sprintf("%s: %v is to become %v", at, state, config)}
		}
		var found []string
		for index, value := range wanted {
			found = append(found, plan(fmt.Sprintf("%s[%d]", at, index), value, has[index])...)
		}
		return found
	}
	if reflect.DeepEqual(config, state) {
		return nil
	}
	return []string{fmt.Sprintf("%s: %v is to become %v", at, state, config)}
}

// valuesOf gives the fields of a message of the SDK, as its JSON has them.
func valuesOf(message any) (values, error) {
	text, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	var fields values
	return fields, json.Unmarshal(text, &fields)
}

// into fills a message of the SDK from a configuration.
func into(config values, message any) error {
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, message)
}

func jobResource(ctx context.Context, w *databricks.WorkspaceClient) error {
	me, err := w.CurrentUser.Me(ctx, iam.MeRequest{})
	if err != nil {
		return err
	}
	number := func(id string) int64 {
		parsed, _ := strconv.ParseInt(id, 10, 64)
		return parsed
	}
	job := resource{
		create: func(config values) (string, error) {
			var request jobs.CreateJob
			if err := into(config, &request); err != nil {
				return "", err
			}
			made, err := w.Jobs.Create(ctx, request)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(made.JobId), nil
		},
		read: func(id string) (values, error) {
			found, err := w.Jobs.GetByJobId(ctx, number(id))
			if err != nil {
				return nil, err
			}
			sort.Slice(found.Settings.Tasks, func(i, j int) bool {
				return found.Settings.Tasks[i].TaskKey < found.Settings.Tasks[j].TaskKey
			})
			// The settings do not have it; the provider puts it there.
			found.Settings.RunAs = &jobs.JobRunAs{UserName: found.RunAsUserName}
			return valuesOf(found.Settings)
		},
		update: func(id string, config values) error {
			request := jobs.ResetJob{JobId: number(id)}
			if err := into(config, &request.NewSettings); err != nil {
				return err
			}
			return w.Jobs.Reset(ctx, request)
		},
		remove: func(id string) error { return w.Jobs.DeleteByJobId(ctx, number(id)) },
	}
	settings := jobSettings(me.UserName)
	config, err := valuesOf(settings)
	if err != nil {
		return err
	}
	settings.Tasks[0].TimeoutSeconds = 600
	settings.Schedule, settings.Continuous = nil, &jobs.Continuous{PauseStatus: jobs.PauseStatusPaused}
	settings.Tags = map[string]string{"team": "other"}
	settings.GitSource.GitBranch, settings.GitSource.GitTag = "", "v1"
	changed, err := valuesOf(settings)
	if err != nil {
		return err
	}
	return lifecycle(job, config, changed)
}

// jobSettings are such as people write; the tasks are sorted by their keys, as the provider sends them.
func jobSettings(user string) jobs.JobSettings {
	return jobs.JobSettings{
		Name:              "terraform",
		Description:       "A job of Terraform",
		MaxConcurrentRuns: 1,
		TimeoutSeconds:    3600,
		Tags:              map[string]string{"team": "data"},
		RunAs:             &jobs.JobRunAs{UserName: user},
		Queue:             &jobs.QueueSettings{Enabled: true},
		Parameters:        []jobs.JobParameterDefinition{{Name: "day", Default: "monday"}},
		Schedule: &jobs.CronSchedule{
			QuartzCronExpression: "0 0 3 * * ?", TimezoneId: "Europe/Berlin", PauseStatus: jobs.PauseStatusPaused,
		},
		GitSource: &jobs.GitSource{
			GitUrl: "https://github.com/example/etl", GitProvider: jobs.GitProviderGitHub, GitBranch: "main",
		},
		EmailNotifications: &jobs.JobEmailNotifications{OnFailure: []string{"team@example.com"}},
		JobClusters: []jobs.JobCluster{{JobClusterKey: "shared", NewCluster: &compute.ClusterSpec{
			SparkVersion: "15.4.x-scala2.12", NodeTypeId: "i3.xlarge", NumWorkers: 2,
			SparkConf: map[string]string{"spark.speculation": "true"},
		}}},
		Tasks: []jobs.Task{
			{TaskKey: "a", JobClusterKey: "shared", NotebookTask: &jobs.NotebookTask{
				NotebookPath: "notebooks/a", Source: jobs.SourceGit, BaseParameters: map[string]string{"n": "1"},
			}},
			{TaskKey: "b", ExistingClusterId: "c", DependsOn: []jobs.TaskDependency{{TaskKey: "a"}},
				SparkPythonTask: &jobs.SparkPythonTask{PythonFile: "b.py", Source: jobs.SourceGit, Parameters: []string{"x"}}},
		},
	}
}

func scopeResource(ctx context.Context, w *databricks.WorkspaceClient) error {
	return lifecycle(scopes(ctx, w), values{"name": "terraform"}, values{"name": "terraform-2"})
}

func scopes(ctx context.Context, w *databricks.WorkspaceClient) resource {
	return resource{
		create: func(config values) (string, error) {
			name := config["name"].(string)
			return name, w.Secrets.CreateScope(ctx, workspace.CreateScope{Scope: name, ScopeBackendType: "DATABRICKS"})
		},
		read: func(id string) (values, error) {
			list := w.Secrets.ListScopes(ctx)
			for list.HasNext(ctx) {
				scope, err := list.Next(ctx)
				if err != nil {
					return nil, err
				}
				if scope.Name == id {
					return values{"name": scope.Name, "backend_type": scope.BackendType.String()}, nil
				}
			}
			return nil, fmt.Errorf("no scope %s: %w", id, apierr.ErrNotFound)
		},
		remove: func(id string) error { return w.Secrets.DeleteScope(ctx, workspace.DeleteScope{Scope: id}) },
	}
}

// inScope runs a lifecycle in a scope of its own.
func inScope(ctx context.Context, w *databricks.WorkspaceClient, name string, run func() error) error {
	if _, err := scopes(ctx, w).create(values{"name": name}); err != nil {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	return scopes(ctx, w).remove(name)
}

func aclResource(ctx context.Context, w *databricks.WorkspaceClient) error {
	const scope = "terraform-acls"
	acl := resource{
		create: func(config values) (string, error) {
			principal := config["principal"].(string)
			permission := workspace.AclPermission(config["permission"].(string))
			return principal, w.Secrets.PutAcl(ctx, workspace.PutAcl{Scope: scope, Principal: principal, Permission: permission})
		},
		read: func(id string) (values, error) {
			found, err := w.Secrets.GetAcl(ctx, workspace.GetAclRequest{Scope: scope, Principal: id})
			if err != nil {
				return nil, err
			}
			return values{"principal": id, "permission": found.Permission.String()}, nil
		},
		remove: func(id string) error {
			return w.Secrets.DeleteAcl(ctx, workspace.DeleteAcl{Scope: scope, Principal: id})
		},
	}
	return inScope(ctx, w, scope, func() error {
		return lifecycle(acl, values{"principal": "users", "permission": "READ"}, values{"principal": "users", "permission": "WRITE"})
	})
}

func secretResource(ctx context.Context, w *databricks.WorkspaceClient) error {
	const scope = "terraform-secrets"
	secret := resource{
		create: func(config values) (string, error) {
			key := config["key"].(string)
			return key, w.Secrets.PutSecret(ctx, workspace.PutSecret{Scope: scope, Key: key, StringValue: "value of " + key})
		},
		read: func(id string) (values, error) {
			list := w.Secrets.ListSecrets(ctx, workspace.ListSecretsRequest{Scope: scope})
			for list.HasNext(ctx) {
				found, err := list.Next(ctx)
				if err != nil {
					return nil, err
				}
				if found.Key == id {
					return values{"key": id, "last_updated_timestamp": found.LastUpdatedTimestamp}, nil
				}
			}
			return nil, fmt.Errorf("no secret %s: %w", id, apierr.ErrNotFound)
		},
		remove: func(id string) error {
			return w.Secrets.DeleteSecret(ctx, workspace.DeleteSecret{Scope: scope, Key: id})
		},
	}
	return inScope(ctx, w, scope, func() error {
		return lifecycle(secret, values{"key": "password"}, values{"key": "token"})
	})
}

func credentialResource(ctx context.Context, w *databricks.WorkspaceClient) error {
	number := func(id string) int64 {
		parsed, _ := strconv.ParseInt(id, 10, 64)
		return parsed
	}
	credential := resource{
		create: func(config values) (string, error) {
			request := workspace.CreateCredentialsRequest{PersonalAccessToken: "secret"}
			if err := into(config, &request); err != nil {
				return "", err
			}
			made, err := w.GitCredentials.Create(ctx, request)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(made.CredentialId), nil
		},
		read: func(id string) (values, error) {
			found, err := w.GitCredentials.Get(ctx, workspace.GetCredentialsRequest{CredentialId: number(id)})
			if err != nil {
				return nil, err
			}
			return values{"git_provider": found.GitProvider, "git_username": found.GitUsername}, nil
		},
		update: func(id string, config values) error {
			request := workspace.UpdateCredentialsRequest{CredentialId: number(id), PersonalAccessToken: "other"}
			if err := into(config, &request); err != nil {
				return err
			}
			return w.GitCredentials.Update(ctx, request)
		},
		remove: func(id string) error { return w.GitCredentials.DeleteByCredentialId(ctx, number(id)) },
	}
	return lifecycle(
		credential,
		values{"git_provider": "gitHub", "git_username": "a"},
		values{"git_provider": "gitHub", "git_username": "b"},
	)
}

// forcedCredential makes a credential where there is one: with `force` the provider edits the one that there is.
func forcedCredential(ctx context.Context, w *databricks.WorkspaceClient) error {
	request := workspace.CreateCredentialsRequest{GitProvider: "gitLab", GitUsername: "a", PersonalAccessToken: "t"}
	made, err := w.GitCredentials.Create(ctx, request)
	if err != nil {
		return err
	}
	_, err = w.GitCredentials.Create(ctx, request)
	if err == nil {
		return errors.New("a second one was made")
	}
	isOnlyOne := strings.Contains(err.Error(), "Only one Git credential is supported ") && strings.Contains(err.Error(), " at this time")
	if !errors.Is(err, apierr.ErrResourceConflict) && !isOnlyOne {
		return fmt.Errorf("the provider does not know it for a conflict: %w", err)
	}
	all, err := w.GitCredentials.ListAll(ctx, workspace.ListCredentialsRequest{})
	if err != nil || len(all) != 1 || all[0].CredentialId != made.CredentialId {
		return fmt.Errorf("the list is %v, %v", all, err)
	}
	edit := workspace.UpdateCredentialsRequest{CredentialId: made.CredentialId, GitProvider: "gitLab", GitUsername: "b", PersonalAccessToken: "u"}
	if err := w.GitCredentials.Update(ctx, edit); err != nil {
		return err
	}
	return w.GitCredentials.DeleteByCredentialId(ctx, made.CredentialId)
}

func repoResource(ctx context.Context, w *databricks.WorkspaceClient) error {
	number := func(id string) int64 {
		parsed, _ := strconv.ParseInt(id, 10, 64)
		return parsed
	}
	checkout := func(id string, config values) error {
		request := workspace.UpdateRepoRequest{RepoId: number(id)}
		if err := into(config, &request); err != nil {
			return err
		}
		return w.Repos.Update(ctx, request)
	}
	repo := resource{
		create: func(config values) (string, error) {
			folder := config["path"].(string)
			if err := w.Workspace.MkdirsByPath(ctx, path.Dir(folder)); err != nil {
				return "", err
			}
			request := workspace.CreateRepoRequest{Url: config["url"].(string), Provider: "gitHub", Path: folder}
			made, err := w.Repos.Create(ctx, request)
			if err != nil {
				return "", err
			}
			id := fmt.Sprint(made.Id)
			if config["branch"] == made.Branch {
				return id, nil
			}
			return id, checkout(id, values{"branch": config["branch"]})
		},
		read: func(id string) (values, error) {
			found, err := w.Repos.GetByRepoId(ctx, number(id))
			if err != nil {
				return nil, err
			}
			return valuesOf(found)
		},
		update: func(id string, config values) error { return checkout(id, values{"branch": config["branch"]}) },
		remove: func(id string) error { return w.Repos.DeleteByRepoId(ctx, number(id)) },
	}
	config := func(branch string) values {
		return values{"url": "https://github.com/example/terraform", "path": "/Repos/terraform/etl", "provider": "gitHub", "branch": branch}
	}
	return lifecycle(repo, config("feature"), config("release"))
}
