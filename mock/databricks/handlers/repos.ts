/**
 * `/api/2.0/repos`.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Auth } from "../auth.ts";
import type { Doubts } from "../doubts.ts";
import { invalid } from "../errors.ts";
import { readId } from "../ids.ts";
import { paginate } from "../paging.ts";
import { checkProvider } from "../credentials.ts";
import { normalPath, type Repo, type Repos } from "../repos.ts";
import { type Answer, type Call, endpoint, listAnswer } from "./endpoint.ts";

const pageSize = 20;

function answer({ id, gitCli: _gitCli, creator: _creator, ...rest }: Repo): Record<string, unknown> {
  return { id: BigInt(id), ...rest };
}

function repoOf(repos: Repos, { params }: Call): Repo {
  return repos.require(readId(params.id, "repo_id"));
}

function listRepos(repos: Repos, doubts: Doubts): Answer {
  return ({ query }) => {
    // Without a prefix, or with an empty one, Databricks lists only what is under /Repos.
    const given = normalPath(query.text("path_prefix") ?? "/");
    const prefix = given === "/" ? "/Repos/" : given;
    // The list omits folders that were made with the Git CLI.
    const found = repos.listed().filter((repo) => !repo.gitCli && repo.path.startsWith(prefix));
    const page = paginate(found, { limit: pageSize, token: query.text("next_page_token"), doubts }, (repo) => repo.id);
    const list = listAnswer("repos", page.items.map((repo) => answer(repos.shown(repo))), doubts);
    return page.next ? { ...list, next_page_token: page.next } : list;
  };
}

function createRepo(repos: Repos, auth: Auth): Answer {
  return ({ body, request }) => {
    const { url, provider, path, sparse_checkout } = body;
    if (typeof url !== "string" || url === "") throw invalid("Missing required field: url");
    const known = checkProvider(provider, "provider");
    const id = repos.add({ url, provider: known, path, sparse_checkout, user: auth.user(request) });
    return answer(repos.shown(repos.require(id)));
  };
}

/** The handlers of the Repos API. */
export function reposHandlers(repos: Repos, auth: Auth, doubts: Doubts): HttpHandler[] {
  const path = "/api/2.0/repos";
  return [
    endpoint("get", path, listRepos(repos, doubts)),
    endpoint("post", path, createRepo(repos, auth)),
    endpoint("get", `${path}/:id`, (call) => {
      const repo = repoOf(repos, call);
      return { ...answer(repos.shown(repo)), git_cli_enabled: repo.gitCli };
    }),
    endpoint("patch", `${path}/:id`, (call) => repos.update(repoOf(repos, call).id, call.body)),
    endpoint("delete", `${path}/:id`, (call) => {
      repos.remove(repoOf(repos, call).id);
    }),
  ];
}
