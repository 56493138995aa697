// What a set-up tells while it works, as data: the set-up itself prints nothing.

/** Something that happened while tools were brought. */
export type Progress =
  /** Something slow began. */
  | { readonly kind: "doing"; readonly tool: string; readonly what: string; readonly usually: string }
  /** How far the slow thing is. */
  | { readonly kind: "detail"; readonly tool: string; readonly detail: string }
  /** A source that was tried and did not serve. */
  | { readonly kind: "passed"; readonly tool: string; readonly source: string; readonly reason: string }
  /** A tool is there. */
  | { readonly kind: "done"; readonly tool: string; readonly text: string }
  /** Another set-up is at work on the same cache. */
  | { readonly kind: "waiting"; readonly text: string };

/** Takes what a set-up tells. */
export type OnProgress = (progress: Progress) => void;
