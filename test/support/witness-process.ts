// The witness's own process: listens at every server that its arguments name (JSON), and answers its parent's questions.

import type { WitnessAnswer, WitnessQuestion } from "./witness.ts";
import { RawSubscriber, type SubscriberAddress } from "./witness-subscriber.ts";
import { Tally } from "./witness-tally.ts";

const flushMs = 1_000;

const addresses = JSON.parse(process.argv[2] ?? "[]") as SubscriberAddress[];
const places = addresses.map((address) => {
  const tally = new Tally(performance.now());
  const subscriber = new RawSubscriber(address, (subject, payload) => {
    const at = performance.now();
    const { publisher = "unnamed", seq } = JSON.parse(payload) as { publisher?: string; seq: number };
    tally.add({ publisher, subject, stamp: seq }, at);
  });
  return { name: address.name, tally, subscriber };
});

process.on("message", async (question: WitnessQuestion) => {
  const answer = question.what === "take" ? await take() : glance();
  process.send?.({ id: question.id, answer } satisfies WitnessAnswer);
});
process.once("disconnect", () => process.exit(0));

/** What was counted, once all that was under way has arrived. */
async function take(): Promise<WitnessAnswer["answer"]> {
  await Promise.all(places.map(({ subscriber }) => subscriber.flush(flushMs)));
  return places.map(({ name, tally, subscriber }) => {
    const { isReady, connections } = subscriber;
    return { server: name, isListening: isReady, connections, ...tally.take(performance.now()) };
  });
}

function glance(): WitnessAnswer["answer"] {
  return places.map(({ name, tally: { hearing }, subscriber: { isReady, connections } }) => {
    return { server: name, isListening: isReady, connections, hearing };
  });
}
