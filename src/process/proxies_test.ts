import assert from "node:assert/strict";
import { describeProxies } from "./proxies.ts";

const told = (variables: Record<string, string>) => describeProxies((name) => variables[name]).join("\n");

Deno.test("a proxy is logged with its host, without user and password", () => {
  for (
    const value of [
      "http://user:s3cret@proxy.example:3128",
      "user:s3cret@proxy.example:3128",
      "socks5://user:s3cret@proxy.example:3128/",
      " http://s3cret@proxy.example:3128 ",
    ]
  ) {
    for (const name of ["HTTP_PROXY", "https_proxy", "ALL_PROXY"]) {
      const text = told({ [name]: value });
      assert.match(text, new RegExp(`^${name} is set: .* through the proxy "proxy\\.example:3128"$`));
      assert.doesNotMatch(text, /s3cret|user/);
    }
  }
});

Deno.test("a proxy with an invalid address is logged without its address", () => {
  assert.match(told({ HTTPS_PROXY: "http://s3cret:pass word@[" }), /through a proxy whose address is no URL$/);
});

Deno.test("without a proxy nothing is logged, and NO_PROXY is logged together with proxies", () => {
  assert.equal(told({ HTTP_PROXY: "", NO_PROXY: "10.0.0.0/8" }), "");
  assert.match(told({ HTTP_PROXY: "http://p:1", NO_PROXY: "10.0.0.0/8" }), /"p:1", except to 10\.0\.0\.0\/8$/);
});
