import type { Reply, WireError } from "../wire/contract.ts";
import type { AccountId, Bridge, MessageChoice, MessageView } from "../wire/ipc.ts";
import { Draft } from "./draft.svelte.ts";
import { mergeLog, replaceKnown } from "./log.ts";
import { Mounted } from "./mounted.svelte.ts";
import { isQuoteOf } from "./quote.ts";
import { Typing } from "./typing.svelte.ts";

/** Messages asked for at a time when scrolling up, and at most when opening. */
const pageSize = 60;
const longestPage = 500;
/** Held while the reader is at the end; what is older comes back by paging. */
const heldMost = 480;
/** Pages fetched at most to reach the first unread one. */
const pagesToUnread = 20;

export type Phase =
  { kind: "idle" } | { kind: "loading" } | { kind: "ready"; more: boolean } | { kind: "failed"; error: WireError };

export interface ConversationOptions {
  readonly bridge: Bridge;
  readonly account: AccountId;
  readonly key: string;
  /** how many messages the main process counts as unread here */
  readonly unread: () => number;
  /** whether the person is looking at this window */
  readonly focused: () => boolean;
  readonly now: () => number;
  /** what the main process has of what was typed here and not sent */
  readonly draft: string;
}

/** Where the log should go, once: to the end of it, or to one message. */
export type Aim = { readonly at: "end" } | { readonly at: number };

/** The log with one contact as far as this window holds it: pages of it, which part is mounted, the draft. */
export class Conversation {
  phase = $state.raw<Phase>({ kind: "idle" });
  messages = $state.raw<readonly MessageView[]>([]);
  loadingOlder = $state(false);
  /** where the line "new messages" stands */
  firstUnread = $state<number>();
  /** the message that somebody was led to, until they go on */
  marked = $state<number>();
  aim = $state.raw<Aim>();
  /** the message that its reader was asked about deleting */
  deleting = $state.raw<MessageView>();
  /** why the last thing asked here did not work */
  refusal = $state.raw<WireError>();

  readonly #part = new Mounted();
  readonly mounted = $derived(this.#part.of(this.messages));
  /** what is held ends before the newest message: between the two there is more */
  #detached = $state(false);
  readonly atNewest = $derived(this.#part.below === 0 && !this.#detached);
  readonly #waiting = $derived.by(() => {
    const arrived = this.messages.findLastIndex(
      ({ mine, status }) => mine && (status === "delivered" || status === "read"),
    );
    const after = this.messages.slice(arrived + 1);
    return after.filter(({ mine, status }) => mine && status === "accepted").map(({ position }) => position);
  });
  readonly pending = $derived(this.messages.filter((message) => message.mine && message.status === "pending"));
  readonly newestUnread = $derived(this.messages.findLast((message) => message.unread && !message.mine)?.position);
  readonly draft: Draft;
  readonly typing: Typing;

  readonly #options: ConversationOptions;
  /** heard while a page was on its way: newer than what the page says */
  #heard: MessageView[] = [];
  #shownUpTo = -1;
  /** a page is on its way */
  #awaiting = false;
  /** the latest thing asked of the log: what an older one brings is not of interest any more */
  #turn = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const keep = (draft: string) => options.bridge.call("draft:keep", { ...this.#who, draft });
    this.draft = new Draft({ kept: options.draft, keep, now: options.now });
    this.typing = new Typing({ tell: () => options.bridge.call("typing:tell", this.#who), now: options.now });
  }

  /** How many of one's own wait for the reader before this one; `overtaken`: a later one has arrived. */
  waitingBefore(message: MessageView): number | "overtaken" {
    const at = this.#waiting.indexOf(message.position);
    return at < 0 ? "overtaken" : at;
  }

  get key(): string {
    return this.#options.key;
  }

  get #who() {
    return { account: this.#options.account, name: this.#options.key };
  }

  /** Loads what is needed to show the first unread message, or the end; again after a failure. Safe to call at every opening. */
  async open(): Promise<void> {
    if (this.phase.kind === "loading") return;
    if (this.phase.kind === "ready" && !this.#detached) this.#placeAtUnread();
    else await this.#load();
  }

  async #load(): Promise<void> {
    const turn = this.#begin();
    let held: readonly MessageView[] = [];
    let more = true;
    let unreadLeft = this.#options.unread();
    for (let page = 0; more && page < pagesToUnread && (page === 0 || unreadLeft > 0); page++) {
      const before = held[0]?.position;
      const limit = Math.min(longestPage, pageSize + Math.max(0, unreadLeft));
      const reply = await this.#options.bridge.call("message:list", {
        ...this.#who,
        ...(before !== undefined && { before }),
        limit,
      });
      if (turn !== this.#turn) return;
      if (!reply.ok) {
        this.#fail(reply.error);
        return;
      }
      held = [...reply.value.messages, ...held];
      more = reply.value.more && reply.value.messages.length > 0;
      unreadLeft -= reply.value.messages.filter((message) => message.unread && !message.mine).length;
    }
    this.#take(held, more, false);
    // before the log is shown: where it opens is decided on what is mounted first
    this.#placeAtUnread();
    this.phase = { kind: "ready", more };
  }

  /** Something else is to be held. What is heard until it comes is newer than it. */
  #begin(): number {
    if (this.phase.kind !== "ready") this.phase = { kind: "loading" };
    this.#heard = [];
    this.#awaiting = true;
    return ++this.#turn;
  }

  #fail(error: WireError): void {
    this.#awaiting = false;
    if (this.phase.kind === "ready") this.refusal = error;
    else this.phase = { kind: "failed", error };
  }

  #take(page: readonly MessageView[], more: boolean, newer: boolean): void {
    this.#awaiting = false;
    // what comes after a gap is not of this page
    this.messages = newer ? replaceKnown(page, this.#heard) : mergeLog(page, this.#heard);
    this.#heard = [];
    this.#detached = newer;
    this.phase = { kind: "ready", more };
  }

  /** Leads to one message, wherever in the history it stands (W20). */
  async show(position: number): Promise<void> {
    if (!this.messages.some((message) => message.position === position)) {
      const turn = this.#begin();
      const reply = await this.#options.bridge.call("message:list", {
        ...this.#who,
        around: position,
        limit: 2 * pageSize,
      });
      if (turn !== this.#turn) return;
      if (!reply.ok) {
        this.#fail(reply.error);
        return;
      }
      this.firstUnread = undefined;
      this.#take(reply.value.messages, reply.value.more, reply.value.newer);
    }
    const index = this.messages.findIndex((message) => message.position >= position);
    this.#part.around(index < 0 ? this.messages.length : index, this.messages.length);
    this.marked = this.messages[index]?.position;
    this.aim = { at: this.marked ?? "end" };
  }

  /** Leads to the message that a quote is of. @returns whether it is here */
  async showQuoted(message: MessageView, quoted: string): Promise<boolean> {
    const { position: before } = message;
    const reply = await this.#options.bridge.call("message:find", {
      ...this.#who,
      quoted: quoted.slice(0, 4_096),
      before,
    });
    if (!reply.ok || reply.value.position === undefined) return false;
    await this.show(reply.value.position);
    return true;
  }

  /** The newest message before an answer that says what it quotes, if it is among those held here. */
  quotedBy({ position: before }: MessageView, quoted: string): MessageView | undefined {
    return this.messages.findLast(({ position, body }) => position < before && isQuoteOf(quoted, body));
  }

  /** The menu of the right button on one message. @returns what was chosen in it */
  async askMenu(answerable: boolean): Promise<MessageChoice | undefined> {
    const reply = await this.#options.bridge.call("message:menu", { answerable });
    return reply.ok ? reply.value.chosen : undefined;
  }

  openLink(url: string): void {
    void this.#options.bridge.call("link:open", { url }).then((reply) => {
      if (!reply.ok) this.refusal = reply.error;
    });
  }

  #placeAtUnread(): void {
    const index = this.messages.findIndex((message) => message.unread && !message.mine);
    this.firstUnread = this.messages[index]?.position;
    this.#part.open(index, this.messages.length);
  }

  /** Shows more of what is above: first what is held, then a page from the main process. */
  async older(): Promise<void> {
    if (this.phase.kind !== "ready" || this.loadingOlder) return;
    if (this.#part.above > 0) this.#part.stepUp(this.messages.length);
    else if (this.phase.more) await this.#fetchOlder();
  }

  async #fetchOlder(): Promise<void> {
    const oldest = this.messages[0];
    if (!oldest) return;
    const turn = this.#turn;
    this.loadingOlder = true;
    const reply = await this.#options.bridge.call("message:list", {
      ...this.#who,
      before: oldest.position,
      limit: pageSize,
    });
    this.loadingOlder = false;
    if (turn !== this.#turn) return;
    if (!reply.ok) {
      this.refusal = reply.error;
      return;
    }
    const held = this.messages.length;
    this.messages = mergeLog(reply.value.messages, this.messages);
    this.#part.grewAbove(this.messages.length - held);
    this.phase = { kind: "ready", more: reply.value.more && reply.value.messages.length > 0 };
    // in the same turn: the log is arranged once for both
    this.#part.stepUp(this.messages.length);
  }

  /** Shows more of what is below: first what is held, then a page from the main process. */
  async newer(): Promise<void> {
    if (this.#part.below > 0) this.#part.stepDown(this.messages.length);
    else if (this.#detached && !this.#awaiting) await this.#fetchNewer();
  }

  async #fetchNewer(): Promise<void> {
    const newest = this.messages.at(-1);
    if (!newest) return;
    const turn = this.#begin();
    const reply = await this.#options.bridge.call("message:list", {
      ...this.#who,
      after: newest.position,
      limit: pageSize,
    });
    if (turn !== this.#turn) return;
    if (!reply.ok) {
      this.#fail(reply.error);
      return;
    }
    const held = this.messages.length;
    const { more } = this.phase.kind === "ready" ? this.phase : { more: true };
    this.#take(mergeLog(this.messages, reply.value.messages), more, reply.value.newer);
    this.#part.grewBelow(this.messages.length - held);
    this.#part.stepDown(this.messages.length);
  }

  /** Mounts the end of the log; lets go of what is far above it. */
  async toNewest(): Promise<void> {
    if (this.#detached) await this.#load();
    this.#part.end(this.messages.length);
    this.#letGo();
  }

  /** At the end, what is far above is not held for ever: paging brings it back. */
  #letGo(): void {
    const surplus = Math.min(this.#part.above, this.messages.length - heldMost);
    // in steps, not at every message
    if (surplus < heldMost / 4) return;
    this.messages = this.messages.slice(surplus);
    this.#part.letGo(surplus);
    this.phase = { kind: "ready", more: true };
  }

  /** @param following whether the reader is at the end, so that new rows are mounted at once */
  stored(messages: readonly MessageView[], following: boolean): void {
    const incoming = messages.find((message) => !message.mine);
    if (incoming) this.typing.arrived();
    if (this.phase.kind === "idle" || this.phase.kind === "failed") return;
    if (this.#awaiting) this.#heard.push(...messages);
    if (this.phase.kind === "loading") return;
    // after a gap: it is there when the reader comes to it
    if (this.#detached) return;
    if (incoming) {
      const { firstUnread } = this;
      const line = this.messages.find((message) => message.position === firstUnread);
      if (!this.#options.focused() && !line?.unread) this.firstUnread = incoming.position;
    }
    const held = this.messages.length;
    this.messages = mergeLog(this.messages, messages);
    this.#part.arrived(this.messages.length - held, this.messages.length, following);
    if (this.#part.below === 0 && following) this.#letGo();
  }

  /** Upserts by position; what is not held here is not of interest. */
  changed(messages: readonly MessageView[]): void {
    if (this.#awaiting) this.#heard.push(...messages);
    this.messages = replaceKnown(this.messages, messages);
  }

  removed(position: number): void {
    const index = this.messages.findIndex((message) => message.position === position);
    if (index < 0) return;
    this.messages = this.messages.toSpliced(index, 1);
    this.#part.removed(index, this.messages.length);
  }

  /** Sends the draft. It is the main process that keeps it safe (O1); if that fails, the draft is there again. */
  async send(): Promise<void> {
    const taken = this.draft.take();
    if (!taken) return;
    this.typing.sent();
    this.refusal = undefined;
    this.firstUnread = undefined;
    this.marked = undefined;
    if (this.#detached) await this.toNewest();
    this.aim = { at: "end" };
    const reply = await this.#options.bridge.call("message:write", { ...this.#who, body: taken.body });
    if (!this.#keep(reply)) taken.putBack();
  }

  async resend(message: MessageView): Promise<void> {
    this.refusal = undefined;
    const { account } = this.#options;
    this.#keep(await this.#options.bridge.call("message:resend", { account, id: message.id }));
  }

  /** Deletes a message on this computer alone. */
  async remove(message: MessageView): Promise<Reply<unknown>> {
    const { account } = this.#options;
    const reply = await this.#options.bridge.call("message:delete", { account, from: message.from, id: message.id });
    if (reply.ok) this.removed(message.position);
    else this.refusal = reply.error;
    return reply;
  }

  #keep(reply: Reply<{ message: MessageView }>): boolean {
    if (reply.ok) {
      // usually heard as an event already, perhaps with a later status: only added when it is not
      const { message } = reply.value;
      if (!this.messages.some((known) => known.position === message.position)) this.stored([message], true);
    } else this.refusal = reply.error;
    return reply.ok;
  }

  /** Tells that everything up to the newest was on the screen (the reader's receipts leave from there). */
  tellShown(): void {
    const newest = this.newestUnread;
    if (newest === undefined || newest <= this.#shownUpTo) return;
    this.#shownUpTo = newest;
    void this.#options.bridge.call("message:shown", { ...this.#who, position: newest }).then((reply) => {
      if (!reply.ok) this.#shownUpTo = -1;
    });
  }
}
