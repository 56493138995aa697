// The picture of who is linked to whom: what is in it, and that no name can break it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { topologySeen } from "../../infra/core/topology-seen.ts";
import { topologySvg } from "../../scripts/render/topology-svg.ts";
import { changed, links0, nothing, ok, topology } from "../support/judging.ts";
import { healthy, link, silent } from "../support/observation.ts";
import { testTopology, testUpstream } from "../support/topology.ts";

function picture(observation: Observation, asked: Topology = topology): string {
  const judgement = judge(asked, observation, { deployedActive: null });
  return topologySvg(topologySeen(asked, observation, judgement), judgement.problems);
}

/** The class of the link whose words these are. */
const lookOf = (svg: string, says: string): string | undefined =>
  [...svg.matchAll(/<(?:line|path) class="([^"]*)"[^>]*><title>([^<]*)</g)].find(([, , title]) => title === says)?.[1];

test("a healthy stack: the active dummy's links, the mesh, and who publishes", () => {
  const svg = picture(ok);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  for (const upstream of ["server0", "server1"]) {
    assert.equal(lookOf(svg, `dummy-nats0 is linked to ${upstream}`), "link wanted");
    assert.equal(lookOf(svg, `dummy-nats1 is linked to ${upstream}`), undefined);
  }
  assert.equal(lookOf(svg, "server0 is linked to server1"), "link mesh");
  assert.equal(lookOf(svg, "publisher1 publishes"), "feed");
  assert.match(svg, /class="box active"/);
  assert.match(svg, />standby, up</);
  assert.match(svg, /class="pill ok"/);
  assert.doesNotMatch(svg, /class="badge|>\?</);
});

test("what should not be is marked: strangers, half links, servers that are gone; what is not known is not drawn as known", () => {
  const svg = picture(
    changed(
      ["server0", { links: [...links0, link("dummy-nats9", { id: "X", entries: 1 })] }],
      ["server1", silent],
      ["dummy-nats1", { ...nothing("dummy-nats1"), publishing: null }],
    ),
  );
  assert.equal(lookOf(svg, "dummy-nats9 is linked to server0, incomplete"), "link unwanted incomplete");
  assert.equal(lookOf(svg, "whether dummy-nats1 is linked to server1 is not known"), "link unknown");
  assert.equal(lookOf(svg, "publisher1 sends ?"), "feed unknown");
  assert.match(svg, /class="box foreign"/);
  assert.match(svg, />upstream, does not answer</);
  assert.match(svg, />standby, DOWN</);
  assert.match(svg, /\[foreign-link\]</);
});

test("a standby that is linked is drawn as unwanted", () => {
  const svg = picture(changed(["server0", { links: [...links0, link("dummy-nats1")] }]));
  assert.equal(lookOf(svg, "dummy-nats1 is linked to server0"), "link unwanted");
  assert.match(svg, /class="pill doubled"/);
});

test("names are text, whatever is in them, and long ones fit their boxes", () => {
  const evil = `<script>&"'\u0000`;
  const svg = picture(
    changed(["server0", { links: [...links0, link(evil, { id: "X" }), link("y".repeat(300), { id: "Y" })] }]),
  );
  assert.ok(!svg.includes("<script") && !svg.includes("\u0000"));
  assert.match(svg, /&lt;script&gt;&amp;&quot;'\uFFFD/);
  for (const [, name = ""] of svg.matchAll(/class="name"[^>]*>([^<]*)</g)) assert.ok(name.length <= 60, name);
});

test("nine upstreams: each pair of the mesh has a line or an arc", () => {
  const big = testTopology({ upstreams: Array.from({ length: 9 }, (_, n) => testUpstream(n)) });
  const svg = picture(healthy(big), big);
  assert.equal([...svg.matchAll(/class="link mesh"/g)].length, (9 * 8) / 2);
});
