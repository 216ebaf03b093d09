// SPDX-License-Identifier: Apache-2.0
// What happens now, once a second, and its history of some minutes. The stream is read by fetch and not
// by EventSource, which could send the token only in a URL.

import { credentials, problemOf } from "./api.js";

const KEPT = 900;
const SILENCE_MILLIS = 5_000;
const FIRST_WAIT_MILLIS = 1_000;
const LONGEST_WAIT_MILLIS = 15_000;
const LONGEST_EVENT = 4_194_304;

/** `event` with each event, `status` when the stream comes or goes, `ended` when the token did. */
export const live = new EventTarget();

/** Events with the millisecond they tell of, oldest first. */
export const history = [];

let running;
let status = "off";
let trouble = "";

export function liveStatus() {
  return { status, trouble };
}

export function latest() {
  return history.at(-1)?.event;
}

export function startLive() {
  stopLive();
  running = new AbortController();
  run(running.signal);
}

export function stopLive() {
  running?.abort();
  running = undefined;
  history.length = 0;
  tell("off");
}

function tell(next, why = "") {
  if (next !== status || why !== trouble) {
    status = next;
    trouble = why;
    live.dispatchEvent(new Event("status"));
  }
}

async function run(signal) {
  let wait = FIRST_WAIT_MILLIS;
  while (!signal.aborted) {
    let reason = "";
    const before = history.length;
    try {
      reason = await stream(signal);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (error.status === 401) {
        reason = "token";
      } else {
        tell("away", error.message);
        wait = Math.max(wait, 1_000 * (error.retryAfter ?? 0));
      }
    }
    if (signal.aborted) {
      return;
    }
    if (reason === "token") {
      live.dispatchEvent(new Event("ended"));
      return;
    }
    if (reason === "age") {
      continue;
    }
    if (history.length > before) {
      wait = FIRST_WAIT_MILLIS;
    }
    tell("away", trouble || "The stream ended.");
    await pause(wait, signal);
    wait = Math.min(2 * wait, LONGEST_WAIT_MILLIS);
  }
}

function pause(millis, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Reads one stream to its end; answers why the server ended it. */
async function stream(signal) {
  const silence = new AbortController();
  const both = AbortSignal.any([signal, silence.signal]);
  let timer;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MILLIS);
  };
  heard();
  try {
    const response = await fetch("/v1/admin/live", {
      headers: { ...credentials(), Accept: "text/event-stream" },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: both,
    });
    if (!response.ok) {
      throw await problemOf(response);
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return "";
      }
      heard();
      text += value.replaceAll("\r", "");
      let end = text.indexOf("\n\n");
      for (; end >= 0; end = text.indexOf("\n\n")) {
        const reason = take(text.slice(0, end));
        text = text.slice(end + 2);
        if (reason !== undefined) {
          return reason;
        }
      }
      if (text.length > LONGEST_EVENT) {
        throw new Error("The stream sent an event without end.");
      }
    }
  } catch (error) {
    if (silence.signal.aborted && !signal.aborted) {
      throw new Error("Nothing came from the server for 5 s.");
    }
    if (error.name === "TypeError") {
      throw new Error("The server does not answer.");
    }
    throw error;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Takes one event; answers the reason if it is the last. */
function take(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) {
      name = line.slice(6).trim();
    } else if (line.startsWith("data:")) {
      data.push(line.slice(5).trimStart());
    }
  }
  if (name === "end") {
    return JSON.parse(data.join("\n")).reason;
  }
  if (name === "live") {
    const event = JSON.parse(data.join("\n"));
    history.push({ at: Date.parse(event.at), event });
    if (history.length > KEPT) {
      history.splice(0, history.length - KEPT);
    }
    tell("live");
    live.dispatchEvent(new Event("event"));
  }
  return undefined;
}
