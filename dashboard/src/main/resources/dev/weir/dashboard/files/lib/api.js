// SPDX-License-Identifier: Apache-2.0
// The administration API. The token stays in this tab: in the memory of the page and in its session
// storage, which no other origin reads; it is sent as a header and never in a URL.

const BASE = "/v1/admin/";
const STORED = "weir.token";

/** An answer that is no success, in words for whoever reads the page. */
export class ApiError extends Error {
  constructor(status, message, body = {}, retryAfter = 0) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

let token = sessionStorage.getItem(STORED) ?? "";
let signedOut = () => {};

/** Runs when the server knows the token no longer. */
export function onSignedOut(listener) {
  signedOut = listener;
}

export function hasToken() {
  return token !== "";
}

export function useToken(text) {
  token = text;
  if (text === "") {
    sessionStorage.removeItem(STORED);
  } else {
    sessionStorage.setItem(STORED, text);
  }
}

/** The headers that a request needs. */
export function credentials() {
  return { Authorization: `Bearer ${token}` };
}

/** What the server says is wrong. */
export async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // Something between may answer with a page.
  }
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
  return new ApiError(response.status, words(response.status, body, retryAfter), body, retryAfter);
}

function words(status, body, retryAfter) {
  const detail = typeof body.detail === "string" ? body.detail : "";
  switch (status) {
    case 401:
      return "The server does not know this token.";
    case 403:
      return `Your role may not do this. ${detail}`;
    case 409:
      return `Somebody else changed this meanwhile, or it is there already. ${detail}`;
    case 429:
      return `Too many wrong tokens came from your address. Try again in ${retryAfter || "some"} s.`;
    default:
      return detail || `The server answered ${status}.`;
  }
}

/**
 * Asks the API.
 *
 * @param path below /v1/admin/
 * @param options method, body (an object, sent as JSON), query, signal; `entering` if the token is tried
 * @return what was answered; undefined if there is nothing
 * @throws ApiError if the answer is no success; status 0 if there is none
 */
export async function api(path, { method = "GET", body, query = {}, signal, entering } = {}) {
  const parameters = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== ""),
  ).toString();
  const headers = credentials();
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  const used = token;
  let response;
  try {
    response = await fetch(BASE + path + (parameters && `?${parameters}`), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal,
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new ApiError(0, "The server does not answer. Is it running, and is the network up?");
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.status === 401 && used === token && !entering) {
      signedOut(problem);
    }
    throw problem;
  }
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

/** A part of a path. */
export function part(text) {
  return encodeURIComponent(text);
}
