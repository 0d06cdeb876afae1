// Changes: forms that call the API, with the session's token, and say what came of it.
//
// <form data-api="POST /admin/accounts/main/pause" data-done="Paused." data-confirm="Pause it?" data-then="reload">
// data-then: reload the page; refresh its parts; again: say in the form's place that it is done.
// data-patch: members to change of what GET shows, for a PUT.
"use strict";
(() => {
  const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const toasts = document.getElementById("toasts");

  const toast = (text, kind) => {
    const line = document.createElement("p");
    line.className = "note " + kind;
    line.textContent = text;
    toasts?.append(line);
    setTimeout(() => line.remove(), kind === "good" ? 6000 : 15000);
  };
  const later = (text, kind = "good") => sessionStorage.setItem("toast", JSON.stringify([text, kind]));
  const waiting = sessionStorage.getItem("toast");
  if (waiting) {
    sessionStorage.removeItem("toast");
    setTimeout(() => toast(...JSON.parse(waiting)), 50);
  }

  // Calls the API. Resolves to {status, body, etag}; a session that is over leads to the sign-in page.
  const call = async (method, path, body, headers = {}) => {
    const all = { "X-CSRF-Token": csrf, ...headers };
    if (body !== undefined) all["Content-Type"] = "application/json";
    const answer = await fetch(path, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.status === 401) {
      window.sluice.signIn();
      return new Promise(() => {});
    }
    const text = await answer.text();
    let json = null;
    try { json = text ? JSON.parse(text) : null; } catch { json = null; }
    return { ok: answer.ok, status: answer.status, body: json, etag: answer.headers.get("ETag") };
  };
  const reason = (answer) => {
    const errors = answer.body?.errors?.map((error) => `${error.pointer}: ${error.detail}`) ?? [];
    return [answer.body?.detail ?? `The answer was ${answer.status}.`, ...errors].join(" ");
  };

  // Of many that were asked for, those that were refused, and why: empty when none was.
  const refusals = (body) => {
    const whys = new Map();
    for (const { detail } of body?.refused ?? []) whys.set(detail, (whys.get(detail) ?? 0) + 1);
    if (whys.size === 0) return "";
    const words = [...whys].map(([why, count]) => whys.size > 1 ? `${why} (${count})` : why);
    return `${body.refused.length} not sent: ${words.join("; ")}.`;
  };

  // What the fields say, by their data-type: number, boolean, list or text; empty ones are left out.
  const read = (form) => {
    const body = {};
    for (const field of form.elements) {
      if (!field.name || field.disabled || (field.type === "radio" && !field.checked)) continue;
      const kind = field.dataset.type ?? "text";
      if (field.type === "checkbox") { body[field.name] = field.checked; continue; }
      const text = field.value.trim();
      if (text === "" && kind !== "nullable") continue;
      body[field.name] =
        text === "" ? null
        : kind === "number" || kind === "nullable" ? Number(text)
        : kind === "utc" ? text + (text.length === 16 ? ":00Z" : "Z")
        : kind === "list" ? text.split(/[\s,]+/).filter(Boolean)
        : text;
    }
    return body;
  };

  // Changes some members of an object that is written as a whole, starting from what it is now.
  const patch = async (path, members) => {
    const now = await call("GET", path);
    if (!now.ok) return now;
    return call("PUT", path, { ...now.body, ...members }, now.etag ? { "If-Match": now.etag } : {});
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const api = form.dataset.api;
    if (!api) return;
    event.preventDefault();
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
    const [method, path] = api.split(" ");
    const hasBody = method !== "DELETE" && form.dataset.body !== "none";
    const buttons = [...form.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      const answer = form.dataset.patch
        ? await patch(path, JSON.parse(form.dataset.patch))
        : await call(method, path, hasBody ? read(form) : undefined);
      if (!answer.ok) {
        toast(reason(answer), "bad");
        return;
      }
      const done = (form.dataset.done ?? "Done.").replace(/\{(\w+)\}/g, (_, name) => answer.body?.[name] ?? "");
      if (form.dataset.go) {
        later(done);
        location.assign(form.dataset.go);
      } else if (form.dataset.then === "reload") {
        const refused = refusals(answer.body);
        if (refused && answer.body.queued === 0) {
          toast(refused, "bad");
          return;
        }
        later(refused ? `${done} ${refused}` : done, refused ? "warn" : "good");
        location.reload();
      } else if (form.dataset.then === "again") {
        const refusal = answer.body?.refused?.[0];
        toast(refusal ? `Not sent: ${refusal.detail}.` : done, refusal ? "bad" : "good");
        if (refusal) return;
        const mark = document.createElement("span");
        mark.className = "badge good";
        mark.tabIndex = -1;
        mark.textContent = done;
        form.replaceWith(mark);
        mark.focus();
      } else {
        toast(done, "good");
        if (form.dataset.then === "refresh") { document.activeElement?.blur(); await window.sluice.refresh(); }
      }
    } catch {
      toast("The node could not be reached. Nothing may have changed: look again before you repeat it.", "bad");
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });

  Object.assign(window.sluice, { call, read, reason, toast, later });
})();
