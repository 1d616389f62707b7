import { drillScript, type DrillAsk, type DrillNews } from "../wire/drill.ts";
import { type Hearing, type Launch } from "./child.ts";

/** Children that another process starts, because this one cannot: the main process of the app. */
export interface AskedChildren {
  readonly launch: Launch;
  /** what is heard of them */
  hear(news: DrillNews): void;
}

interface Life {
  readonly hearing: Hearing;
  pid: number | undefined;
  running: boolean;
  readonly ended: (code: number | null) => void;
}

/** @param ask says to the other process what is wanted of it */
export function openAskedChildren(ask: (asked: DrillAsk) => void): AskedChildren {
  const lives = new Map<number, Life>();
  let count = 0;

  const launch: Launch = (script, args, hearing) => {
    const child = ++count;
    let settle: Life["ended"] = () => undefined;
    const ended = new Promise<number | null>((resolve) => (settle = resolve));
    const life: Life = { hearing, pid: undefined, running: true, ended: settle };
    lives.set(child, life);
    ask({ ask: "start", child, script: drillScript.parse(script), args: [...args] });
    return {
      ended,
      get pid() {
        return life.pid;
      },
      get running() {
        return life.running;
      },
      tell: (line) => ask({ ask: "tell", child, line }),
      stop: () => ask({ ask: "stop", child }),
      kill: () => ask({ ask: "kill", child }),
    };
  };

  const hear = (news: DrillNews): void => {
    const life = lives.get(news.child);
    if (!life) return;
    switch (news.news) {
      case "began":
        life.pid = news.pid;
        break;
      case "line":
        life.hearing.line(news.line);
        break;
      case "complaint":
        life.hearing.complaint(news.line);
        break;
      case "ended":
        life.running = false;
        lives.delete(news.child);
        life.ended(news.code);
        break;
    }
  };
  return { launch, hear };
}
