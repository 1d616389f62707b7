type Step = readonly ["ana" | "bia", "add" | "remove" | "block" | "unblock", string];
export type View = "pending" | "requested" | "mutual" | "blocked" | undefined;

/** G12 as a table: who does what and is answered what, then how each sees the other and which notices each got. */
export const contactTable: readonly {
  readonly title: string;
  readonly steps: readonly Step[];
  readonly sees: readonly [View, View];
  readonly told: readonly [readonly string[], readonly string[]];
}[] = [
  {
    title: "one asks",
    steps: [["ana", "add", "ok"]],
    sees: ["pending", "requested"],
    told: [[], ["requested"]],
  },
  {
    title: "one asks twice",
    steps: [
      ["ana", "add", "ok"],
      ["ana", "add", "already-contact"],
    ],
    sees: ["pending", "requested"],
    told: [[], ["requested"]],
  },
  {
    title: "both ask",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "add", "ok"],
    ],
    sees: ["mutual", "mutual"],
    told: [["accepted"], ["requested"]],
  },
  {
    title: "a request is withdrawn",
    steps: [
      ["ana", "add", "ok"],
      ["ana", "remove", "ok"],
      ["ana", "remove", "not-a-contact"],
    ],
    sees: [undefined, undefined],
    told: [[], ["requested", "removed"]],
  },
  {
    title: "a request is declined: the asker is not told",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "remove", "ok"],
      ["bia", "remove", "not-a-contact"],
    ],
    sees: ["pending", undefined],
    told: [[], ["requested"]],
  },
  {
    title: "a decline survives withdrawing and asking again",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "remove", "ok"],
      ["ana", "remove", "ok"],
      ["ana", "add", "ok"],
    ],
    sees: ["pending", undefined],
    told: [[], ["requested"]],
  },
  {
    title: "a decline ends when one adds the name",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "remove", "ok"],
      ["bia", "add", "ok"],
    ],
    sees: ["mutual", "mutual"],
    told: [["accepted"], ["requested"]],
  },
  {
    title: "a decline ends when one adds the name after the request was withdrawn",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "remove", "ok"],
      ["ana", "remove", "ok"],
      ["bia", "add", "ok"],
      ["bia", "remove", "ok"],
      ["ana", "add", "ok"],
    ],
    sees: ["pending", "requested"],
    told: [
      ["requested", "removed"],
      ["requested", "requested"],
    ],
  },
  {
    title: "a mutual contact is removed: both sides end, the other is told",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "add", "ok"],
      ["ana", "remove", "ok"],
      ["bia", "remove", "not-a-contact"],
    ],
    sees: [undefined, undefined],
    told: [["accepted"], ["requested", "removed"]],
  },
  {
    title: "and after that one may ask again",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "add", "ok"],
      ["ana", "remove", "ok"],
      ["bia", "add", "ok"],
    ],
    sees: ["requested", "pending"],
    told: [
      ["accepted", "requested"],
      ["requested", "removed"],
    ],
  },
  {
    title: "a blocked asker is answered as usual, and not heard",
    steps: [
      ["bia", "block", "ok"],
      ["ana", "add", "ok"],
    ],
    sees: ["pending", "blocked"],
    told: [[], []],
  },
  {
    title: "a blocked asker withdraws and asks again, and is not heard",
    steps: [
      ["bia", "block", "ok"],
      ["ana", "add", "ok"],
      ["ana", "remove", "ok"],
      ["ana", "add", "ok"],
    ],
    sees: ["pending", "blocked"],
    told: [[], []],
  },
  {
    title: "who is blocked cannot be added before the unblocking",
    steps: [
      ["bia", "block", "ok"],
      ["ana", "add", "ok"],
      ["bia", "add", "blocked"],
      ["bia", "unblock", "ok"],
      ["bia", "add", "ok"],
    ],
    sees: ["mutual", "mutual"],
    told: [["accepted"], []],
  },
  {
    title: "a mutual contact is blocked: the other is not told",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "add", "ok"],
      ["bia", "block", "ok"],
    ],
    sees: ["mutual", "blocked"],
    told: [["accepted"], ["requested"]],
  },
  {
    title: "a block ends where it began",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "add", "ok"],
      ["bia", "block", "ok"],
      ["bia", "unblock", "ok"],
    ],
    sees: ["mutual", "mutual"],
    told: [["accepted"], ["requested"]],
  },
  {
    title: "a block survives removal by the one who blocked",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "add", "ok"],
      ["bia", "block", "ok"],
      ["bia", "remove", "ok"],
      ["ana", "add", "ok"],
    ],
    sees: ["pending", "blocked"],
    told: [["accepted", "removed"], ["requested"]],
  },
  {
    title: "a blocked one removes: the other is not disturbed",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "add", "ok"],
      ["bia", "block", "ok"],
      ["ana", "remove", "ok"],
      ["bia", "unblock", "ok"],
    ],
    sees: [undefined, undefined],
    told: [["accepted"], ["requested"]],
  },
  {
    title: "a request made before is still there after block and unblock",
    steps: [
      ["ana", "add", "ok"],
      ["bia", "block", "ok"],
      ["bia", "unblock", "ok"],
    ],
    sees: ["pending", "requested"],
    told: [[], ["requested"]],
  },
  {
    title: "who blocked a stranger and unblocks sees nothing of it",
    steps: [
      ["ana", "block", "ok"],
      ["ana", "unblock", "ok"],
      ["ana", "unblock", "ok"],
    ],
    sees: [undefined, undefined],
    told: [[], []],
  },
];
