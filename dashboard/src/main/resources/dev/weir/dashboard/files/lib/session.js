// SPDX-License-Identifier: Apache-2.0
// Who is signed in. What a role may not do is not offered; the server refuses it all the same.

const ROLES = ["viewer", "operator", "admin"];

let me = { name: "", role: "viewer" };

export function signedIn(who) {
  me = who;
}

export function who() {
  return me;
}

export function may(role) {
  return ROLES.indexOf(me.role) >= ROLES.indexOf(role);
}
