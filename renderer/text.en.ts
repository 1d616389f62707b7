import type { ErrorCode } from "../wire/contract.ts";
import { closed, plural } from "./plural.ts";
import type { Facts, ptBR } from "./text.pt-BR.ts";

const count = (n: number, one: string, other: string) => plural("en", n, { one, other });

const soon = ({ waitSeconds }: Facts) =>
  waitSeconds === undefined ? "in a moment" : count(waitSeconds, "in # second", "in # seconds");

const errors: Record<ErrorCode, (facts: Facts) => string> = {
  invalid: () => "The relay did not understand the request. Check what you typed; if it goes on, update Recado.",
  "protocol-unsupported": ({ relay }) =>
    `The relay ${relay} speaks another version of the protocol. Update Recado, or ask whoever runs the relay to update it.`,
  "name-invalid": () =>
    "That name does not work. Use 1 to 32 letters, digits, dots, dashes or underscores, beginning with a letter or digit.",
  "name-taken": ({ name }) =>
    `The name ${name} is taken on this relay. Choose another one or, if it is yours, sign in with its password.`,
  "password-weak": () =>
    "That password is too easy to guess. Use at least 8 characters; a phrase you can remember works well.",
  "credentials-invalid": () =>
    "The name or the password is not right. Check both and try again. Forgotten? Whoever runs the relay can give you a new password.",
  "token-invalid": () => "This computer's session has ended. Sign in again with your password.",
  "invite-needed": () =>
    "This relay takes new accounts only with a valid invite. Ask whoever runs it for a code and type it here.",
  "relay-full": () => "The relay is full right now. Try again in a while, or ask whoever runs it.",
  "rate-limited": (facts) => `Too many tries in a short time. Try again ${soon(facts)}.`,
  unavailable: (facts) => `That did not work right now. Nothing was lost; try again ${soon(facts)}.`,
  offline: () => "You are offline. Go online to do that.",
  "not-a-contact": ({ name }) => `${name} is not among your contacts. Add the contact and try again.`,
  "unknown-name": ({ name, relay }) => `Nobody is called ${name} on ${relay}. Check how the name is spelled.`,
  "too-long": () => "The message is over the limit of 65,536 bytes. Split the text in two or more.",
  "inbox-full": ({ name }) =>
    `${name}'s inbox takes nothing more for now. The message stays here and we keep trying by ourselves.`,
  "own-name": () => "That is your own name. Type the name of the person you want to talk to.",
  "already-contact": ({ name }) => `${name} is already among your contacts. Look in the list.`,
  blocked: ({ name }) => `You have blocked ${name}. Unblock first, in the conversation.`,
  "relay-unreachable": ({ relay }) =>
    `There is no answer from ${relay}. Check the address and the network, and whether the relay is running.`,
  "relay-not-found": ({ relay }) => `The address ${relay} does not exist on this network. Check how it is spelled.`,
  "relay-address-invalid": () =>
    "That is not the address of a relay. Type for example http://127.0.0.1:4567 or https://recado.example.org.",
  "not-a-relay": ({ relay }) => `What answers at ${relay} is not a Recado relay. Check the address and the port.`,
  "certificate-untrusted": ({ relay }) =>
    `The certificate of ${relay} cannot be trusted: no known authority signed it, it is out of date, or it is for another address. Nothing was sent. Tell whoever runs the relay.`,
  "account-open": ({ name }) =>
    `The account ${name} is already open on this computer. Choose it in the list of accounts.`,
  "account-unknown": () => "This account is no longer on this computer. Sign in again.",
  "storage-failed": () =>
    "This computer's disk refused to store. Free some space or check the folder's permissions; we keep trying by ourselves.",
  "link-refused": () =>
    "That address is not opened from here: only web pages and mail addresses are. Copy it if you trust it.",
};

export const en: typeof ptBR = {
  opening: "Opening Recado…",
  cancel: "Cancel",
  dismiss: "Got it",
  errors,
  listAnd: (first, second) => `${first} ${second}`,

  signIn: {
    title: "Leave a note.",
    lead: "Who is here reads it now. Who is not finds it on return.",
    relay: "Relay",
    relayHint: "The computer that keeps the notes. Whoever runs it gives you its address.",
    change: "Change",
    name: "Username",
    password: "Password",
    passwordRule: "At least 8 characters. A phrase you can remember works well.",
    show: "Show",
    hide: "Hide",
    showTyped: "Show what is typed",
    hideTyped: "Hide what is typed",
    enter: "Sign in",
    entering: "Signing in…",
    create: "Create account",
    creating: "Creating the account…",
    firstTime: "First time?",
    alreadyHere: "Already have an account?",
    haveInvite: "I have an invite",
    invite: "Invite code",
    inviteWrong:
      "This code does not open this relay: it is mistyped, used already or out of date. Check it, or ask whoever runs the relay for another one.",
    nameMissing: "Type your username.",
    passwordMissing: "Type your password.",
    passwordShort: "The password needs at least 8 characters.",
    relayMissing: "Type the address of the relay.",
    accountsHere: "Accounts on this computer",
  },

  preferences: {
    language: "Language",
    theme: "Theme",
    themes: { system: "Same as the system", light: "Light", dark: "Dark" },
    locales: { "pt-BR": "Português (Brasil)", en: "English" },
  },

  settings: {
    title: "Preferences",
    look: "Appearance",
    textSize: "Text size",
    textSizes: { small: "Small", normal: "Normal", large: "Large", larger: "Larger" },
    writing: "Writing",
    sendKey: "Key that sends",
    sendKeys: { enter: "Enter (Shift+Enter breaks the line)", "ctrl-enter": "Ctrl+Enter (Enter breaks the line)" },
    spellCheck: "Check spelling",
    spellCheckHint:
      "On Linux the dictionaries are fetched once from Chromium's server, which is Google's; what you write stays here.",
    notifications: "Notifications",
    show: "Show",
    shows: { text: "Name and text", name: "Only the name", hidden: "Neither name nor text", off: "Nothing" },
    quiet: "Do not disturb",
    quiets: { off: "Off", hour: "For an hour", tomorrow: "Until tomorrow at 8", ended: "Until I turn it off" },
    quietUntil: (moment) => `Until ${moment}`,
    test: "Show a test notification",
    testing: "Asking the system…",
    tested: {
      shown: (place) => `The system showed the notification. Did you not see it? Look at ${place}.`,
      off: () => "Notifications are turned off here: choose above what to show.",
      "do-not-disturb": () => "Recado's own “Do not disturb” is on: turn it off above.",
      "not-supported": () =>
        "This system has no notification service running. On Linux it comes with the desktop (libnotify and a program that shows them).",
      failed: (place) => `The system refused the notification. Look at ${place}.`,
      unconfirmed: (place) =>
        `The system did not say that it showed the notification. It may be its own “Do not disturb”, or a permission: look at ${place}.`,
    },
    systemPlaces: {
      linux: "the notification settings of your desktop",
      mac: "System Settings › Notifications › Recado, and Focus",
      windows: "Settings › System › Notifications › Recado, and Focus assist",
    },
    presence: "Presence",
    away: "Turn away",
    awayNever: "Never",
    awayAfter: (n) => count(n, "After # minute without use", "After # minutes without use"),
    awayHint: "While away you go on receiving; your contacts see that nobody is at the computer.",
    window: "Window and start",
    tray: "Show in the system's tray",
    closeToTray: "When the last window closes, stay in the tray",
    closeToTrayHint: "You go on receiving, and are notified. Quit really ends it.",
    startAtLogin: "Start with the computer",
    startHidden: "Start without opening windows",
    done: "Done",
  },

  presence: {
    online: "online",
    away: "away",
    offline: "offline",
    lastSeen: (moment) => `offline · last seen ${moment}`,
    seen: (moment) => `last seen ${moment}`,
    pending: "request sent",
    requested: "wants to be your contact",
    blocked: "blocked",
    former: "no longer a contact",
  },

  own: {
    connecting: "connecting…",
    unreachable: "no connection",
    ended: "signed out",
    menu: (name) => `${name}'s account and preferences`,
    accounts: "Accounts",
    another: "Use another account",
    newWindow: "New window",
    settings: "Preferences…",
    signOut: "Sign out of this account…",
    unread: (n) => count(n, "# unread", "# unread"),
    notRemembered: "This computer has no key store available: after closing Recado you will have to sign in again.",
    profile: (profile) => `profile ${profile}`,
  },

  connection: {
    label: "Connection",
    reconnecting: "Connecting again…",
    unreachable: (relay) => `No connection to ${relay}.`,
    retryIn: (seconds) =>
      seconds <= 0 ? "Trying now…" : count(seconds, "Next try in # second.", "Next try in # seconds."),
    retry: "Try now",
    held: "You are offline.",
    heldWaiting: (n, moment) =>
      count(
        n,
        `# message has been waiting for you since ${moment}.`,
        `# messages have been waiting for you since ${moment}.`,
      ),
    heldWaitingCount: (n) => count(n, "# message is waiting for you.", "# messages are waiting for you."),
    heldNothing: "Nothing is waiting for you now. What arrives is kept on the relay.",
    pendingHeld: (n) =>
      count(n, "# message of yours leaves when you go online.", "# messages of yours leave when you go online."),
    pendingCut: (n) =>
      count(
        n,
        "# message of yours is kept here and leaves by itself.",
        "# messages of yours are kept here and leave by themselves.",
      ),
    replaced: "This account is now in use in another window or copy of Recado.",
    revoked: "This computer was removed from the account. Sign in again to go on; your history is here.",
    tokenInvalid: "The session has ended. Sign in again to go on; your history is here.",
    signedOut: "You signed out of this account. Sign in again to go on.",
    useHere: "Use it here",
    signInAgain: "Sign in again",
  },

  contacts: {
    label: "Contacts",
    people: "People",
    find: "Find contact",
    findShort: "Find",
    unread: (n) => count(n, "# unread message", "# unread messages"),
    marked: "marked as unread",
    muted: "muted",
    really: (name) => `username ${name}`,
    draft: (body) => `Draft: ${body}`,
    readAll: (n) => count(n, "Read the message", "Read the # messages"),
    accepted: (name) => `${name} is your contact now.`,
    close: "Close",
    you: (body) => `You: ${body}`,
    none: "You have no contacts yet.",
    noneHint: "Add somebody by their username on this relay. Once they accept, you see each other online.",
    requests: "Contact requests",
    wants: (name) => `${name} wants to be your contact`,
    accept: "Accept",
    decline: "Decline",
    block: "Block",
    unblock: "Unblock",
    add: "Add contact",
    addFirst: "Add the first one",
    addLead: "They get a request and decide whether to accept it. You can already write to them.",
    name: "Contact name",
    nameMissing: "Type the name of the contact.",
    addConfirm: "Add",
    adding: "Adding…",
    remove: "Remove contact",
    removeTitle: (name) => `Remove ${name} from your contacts?`,
    removeLead: (name) =>
      `You no longer see each other's presence or write to each other, and ${name} is told. The history stays on this computer.`,
    removeConfirm: "Remove",
    goOffline: "Go offline",
    goOnline: "Go online",
    blockTitle: (name) => `Block ${name}?`,
    blockLead: (name) =>
      `What ${name} writes no longer reaches you, and to ${name} you seem to be offline. You can unblock later.`,
  },

  details: {
    title: (name) => `Details of ${name}`,
    open: "Contact details",
    name: "Username",
    on: (name, relay) => `${name} on ${relay}`,
    alias: "Your name for them",
    aliasHint: (name) => `Shown on this computer only. Leave it empty to go back to ${name}.`,
    keep: "Save",
    kept: "Saved",
    presence: "Presence",
    since: "Contact since",
    proof: "Messages received",
    complete: "nothing is missing",
    missing: (n) => count(n, "# message is missing", "# messages are missing"),
    noProof: "none numbered yet, so nothing to check",
    waits: "Waiting",
    nothingWaits: "nothing",
    muted: "Mute",
    mutedHint: "Messages arrive and are counted, but do not notify you.",
    mark: "Mark as unread",
  },

  waits: {
    title: "What waits",
    summary: (messages, people) =>
      `${count(messages, "# message waits", "# messages wait")} for ${count(people, "# person", "# people")}`,
    short: (n, moment) => count(n, `# waiting since ${moment}`, `# waiting since ${moment}`),
    forReader: (n, moment) =>
      count(
        n,
        `# message kept on the relay since ${moment}, until they return`,
        `# messages kept on the relay since ${moment}, until they return`,
      ),
    spoken: (n, moment) => count(n, `# message waiting since ${moment}`, `# messages waiting since ${moment}`),
    here: (n, moment) =>
      count(n, `# message still on this computer since ${moment}`, `# messages still on this computer since ${moment}`),
    lead: "The relay keeps each message until its reader returns. Nothing is lost, and the order is yours.",
    nothing: "Nothing waits now: all you wrote has arrived.",
  },

  switcher: {
    title: "Go to a conversation",
    field: "Name of the person",
    placeholder: "Type a name",
    results: "Conversations",
    none: (typed) => `Nobody with “${typed}”.`,
    nobody: "You have no contacts yet.",
    hint: "↑ ↓ choose, Enter opens, Esc closes",
  },

  shortcuts: {
    search: "Search in the conversation",
    searchAll: "Search in all conversations",
    title: "Keyboard shortcuts",
    moving: "Getting around",
    talking: "Talking",
    app: "Application",
    switcher: "Go to a conversation",
    next: "Next conversation",
    previous: "Previous conversation",
    nextUnread: "Next unread one",
    panes: "Next part of the window",
    panesBack: "Previous part of the window",
    toField: "Back to the message field",
    details: "Contact details",
    addContact: "Add contact",
    togglePresence: "Go offline or online",
    newWindow: "New window",
    settings: "Preferences",
    detach: "Open the conversation in its own window",
    sheet: "This list",
    send: "Send",
    newLine: "Break the line",
    or: "or",
  },

  signOut: {
    title: (name, relay) => `Sign out of ${name} on ${relay}?`,
    lead: "The account goes on existing on the relay. The history on this computer is deleted.",
    pending: (n) => count(n, "# message that has not left yet is lost.", "# messages that have not left yet are lost."),
    confirm: "Sign out and delete",
  },

  conversation: {
    detach: "Open in its own window",
    gone: "Nothing of this conversation is left on this computer. You can close this window.",
    back: "Back to the contacts",
    more: (name) => `More about ${name}`,
    log: (name) => `Conversation with ${name}`,
    choose: "Choose a conversation",
    chooseHint: "Or leave a note for somebody who is away: it waits for them.",
    welcome: (name) => `Hello, ${name}`,
    empty: (name) => `No messages with ${name} on this computer yet.`,
    emptyHint: "Write the first one. If they are away, they find it on return.",
    loading: "Loading the conversation…",
    loadingOlder: "Loading earlier messages…",
    failed: "The conversation could not be loaded.",
    again: "Try again",
    types: (name) => `${name} is typing…`,
    newHere: "New messages",
    newBelow: (n) => count(n, "# new message", "# new messages"),
    toEnd: "Go to the end",
    arrived: (n, name) => count(n, `# new message from ${name}`, `# new messages from ${name}`),
    spoken: (name, body) => `${name}: ${body}`,
    pendingNotice: (name) => `${name} has not answered your request yet. You can already write up to 20 messages.`,
    requestedNotice: (name) => `${name} wants to be your contact. Accept the request to answer.`,
    blockedNotice: (name) => `You have blocked ${name}.`,
    formerNotice: (name) => `${name} is no longer among your contacts. The history stays here.`,
    addAgain: "Ask for contact again",
    blockThis: "Block contact…",
    unblockThis: "Unblock contact",
    removeThis: "Remove contact…",
    showAll: "Show all",
    showLess: "Show less",
    missingHere: (n, name) =>
      count(n, `# message from ${name} is missing here`, `# messages from ${name} are missing here`),
    complete: (name) => `Complete: of what ${name} wrote to you, nothing is missing on this computer.`,
    missingInAll: (n, name) =>
      count(
        n,
        `# message from ${name} never came. The log shows where.`,
        `# messages from ${name} never came. The log shows where.`,
      ),
  },

  search: {
    open: "Search in this conversation",
    title: "Search messages",
    label: "Search for",
    placeholder: "Words of a message",
    close: "Close search",
    where: "Where to search",
    here: (name) => `With ${name}`,
    everywhere: "All conversations",
    results: "Messages found",
    in: (name) => `with ${name}`,
    nothing: (typed) => `No message with “${typed}”.`,
    found: (n) => count(n, "# message", "# messages"),
    atLeast: (n) => count(n, "more than # message", "more than # messages"),
  },

  emoji: {
    title: "Emoji",
    find: "Find an emoji",
    nothing: (typed) => `No emoji with “${typed}”.`,
    results: "Emoji found",
    loading: "Loading emoji…",
    groups: {
      smileys: "Smileys",
      people: "People",
      animals: "Animals and nature",
      food: "Food and drink",
      travel: "Travel and places",
      activities: "Activities",
      objects: "Objects",
      symbols: "Symbols",
      flags: "Flags",
    },
  },

  composer: {
    label: "Message",
    placeholder: (name) => `Write to ${name}`,
    send: "Send",
    emoji: "Insert emoji",
    answering: "Answering:",
    endReply: "Do not quote",
    keys: {
      enter: "Enter sends, Shift+Enter breaks the line.",
      "ctrl-enter": "Ctrl+Enter sends, Enter breaks the line.",
    },
    bytesLeft: (n) => count(n, "# byte left", "# bytes left"),
    bytesOver: (n) => count(n, "# byte over the limit. Split the text.", "# bytes over the limit. Split the text."),
  },

  message: {
    actions: "Message actions",
    keys: "Enter: actions. R: reply. Delete: delete here.",
    reply: "Reply",
    copy: "Copy",
    copied: "Copied.",
    removeHere: "Delete here",
    removeTitle: "Delete this message here?",
    removeOwn: (name) => `It is deleted on this computer only. ${name} keeps theirs, and so do your other devices.`,
    removeTheirs: "It is deleted on this computer only, and cannot be brought back.",
    removeConfirm: "Delete here",
    answers: (quote, answer) => `answering “${quote}”: ${answer}`,
    toQuoted: (quote, whose) => `${whose === undefined ? "Quote" : `Quote, ${whose}`}: ${quote}. Go to the message`,
    notHere: "The quoted message is not on this computer.",
    leadsTo: (host) => `Leads to ${host}`,
    you: "You",
    label: (sender, body, moment, status) =>
      status ? `${sender}: ${closed(body)} ${moment}, ${status}` : `${sender}: ${closed(body)} ${moment}`,
    sending: "sending",
    queued: (moment) => `queued since ${moment}`,
    accepted: "accepted",
    unconfirmed: "sent, arrival not confirmed",
    keptSince: (moment, ahead) =>
      ahead === 0
        ? `kept on the relay since ${moment}`
        : `kept on the relay since ${moment}, after ${count(ahead, "# earlier one of yours", "# earlier ones of yours")}`,
    notStored: "The relay cannot store messages right now. It stays here, and we keep trying by ourselves.",
    delivered: "delivered",
    read: "read",
    refused: "refused",
    resend: "Send again",
    remove: "Delete",
    footer: (time, status) => `${time} · ${status}`,
    kept: (n, name, moment) =>
      count(n, `# message kept for ${name} since ${moment}`, `# messages kept for ${name} since ${moment}`),
    waitingConnection: (n, moment) =>
      count(
        n,
        `# message waiting for a connection since ${moment}`,
        `# messages waiting for a connection since ${moment}`,
      ),
    waitingOnline: (n, moment) =>
      count(
        n,
        `# message waiting for you to go online since ${moment}`,
        `# messages waiting for you to go online since ${moment}`,
      ),
    waitingRelay: (n, moment) => count(n, `# message queued since ${moment}`, `# messages queued since ${moment}`),
  },

  update: {
    label: "Updates",
    checking: "Looking for a newer version…",
    current: "This is the newest version of Recado.",
    off: {
      administrator: "Updates are turned off on this computer by whoever looks after it.",
      development: "This copy runs from its sources and is not updated by Recado.",
      "no-source":
        "This build of Recado does not know where updates come from. Get new versions where you got this one.",
    },
    available: (version) => `Recado ${version} is here.`,
    availableByHand: (version) =>
      `Recado ${version} is here. This copy cannot replace itself: download the new one and put it in its place.`,
    downloading: (version, percent) => `Downloading Recado ${version}: ${percent} %`,
    progress: "Progress of the download",
    ready: {
      restart: (version) => `Recado ${version} is downloaded and checked. Restart to use it.`,
      password: (version) =>
        `Recado ${version} is downloaded and checked. To install it, your system asks for an administrator's password.`,
    },
    failed: {
      unreachable:
        "There is no answer from where updates come from. Check the network and try again; this version goes on.",
      untrusted:
        "An update was offered that does not carry Recado's signature, so it was refused. This version goes on. Try again later, and tell whoever publishes Recado.",
      damaged:
        "The update that came is not the one that was announced, so it was refused and deleted. This version goes on. Try again.",
      "not-stored": "The update could not be stored on this disk. Free some space and try again; this version goes on.",
      "not-applied": "The update could not be installed, so this version goes on. Try again, or install it by hand.",
    },
    download: "Download",
    openPage: "Open the download page",
    apply: "Restart and update",
    again: "Try again",
    later: "Later",
  },

  links: {
    joinTitle: (relay) => `Create an account on ${relay}?`,
    joinLead: (relay) =>
      `A link invites you to the relay ${relay}. Next you choose a name and a password; nothing is sent before.`,
    joinInvited: (relay) =>
      `A link invites you to the relay ${relay} and brings an invite code for one person. Next you choose a name and a password; nothing is sent before.`,
    addTitle: (name) => `Add ${name} as a contact?`,
    addLead: (name, relay, own) =>
      `${name} on ${relay} gets a request from you, ${own}, and decides whether to accept it.`,
    openTitle: (name) => `Open the conversation with ${name}?`,
    openLead: (name, own) => `It opens here, in the account ${own}, if ${name} is among your contacts.`,
    noAccount: (relay) => `You have no account on ${relay} yet. Create one or sign in first; then you are asked again.`,
    notEncrypted: (relay) => `Connections to ${relay} are not encrypted: who is on the way can read along.`,
    unknownTitle: "This link does not work",
    unknownLead:
      "It is none that this version of Recado understands, so nothing was done. Ask whoever sent it for a new one, or update Recado.",
    account: "Account",
    proceed: "Continue",
    add: "Add",
    open: "Open",
  },

  drill: {
    title: "Does anything get lost?",
    lead: "See for yourself. Recado starts a relay and two accounts for this alone, lets them write to each other all the time, and breaks everything around them, as a power cut or a bad network would. Then it looks for every message.",
    safe: "It takes about half a minute, happens on this computer only and touches none of your accounts and messages.",
    start: "Start",
    stop: "Stop",
    close: "Close",
    again: "Once more",
    copy: "Copy the report",
    copied: "The report is copied.",
    notCopied: "The report could not be copied. Select its text and copy it.",
    stopped: "Stopped. Nothing of it is left.",
    list: "What happens",
    current: (place, total, step) => `${place} of ${total}: ${step}`,
    steps: {
      prepare: "A relay of its own and two throw-away accounts are started.",
      "cut-connections": "Every connection is cut.",
      "kill-relay": "The relay is killed, like in a power cut, and started again.",
      swallow: "The network swallows everything for 2 seconds.",
      "kill-reader": "One app is killed while messages arrive, and started again.",
      "cut-messages": "Connections are cut in the middle of a message, three times.",
      "kill-writer": "The other app is killed while it sends, and started again.",
      "restart-relay": "The relay is restarted, as for an update.",
      "kill-all": "The relay and both apps are killed at once.",
      compare: "Everything arrives, and every message is looked for.",
    },
    written: (n) => count(n, "# message meanwhile.", "# messages meanwhile."),
    sound: "Nothing was lost.",
    broken: "Something was not as it should be.",
    outcome: (lost, doubled, disordered) => `lost ${lost}, doubled ${doubled}, out of order ${disordered}`,
    otherwise: (n) => `otherwise wrong ${n}`,
    seen: (written, shown, seconds) =>
      `${count(written, "# message was written", "# messages were written")}, ${shown} shown to the person they were for. That took ${count(seconds, "# second", "# seconds")}.`,
    reportIt: "Please report this, with the whole report.",
    failed:
      "The drill could not be done, which says nothing about your messages. Try again; if it goes on, report it with this text:",
  },
};
