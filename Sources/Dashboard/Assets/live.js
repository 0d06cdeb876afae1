// News of the page: parts of it that the server has made anew, put in the place of the old ones.
"use strict";
(() => {
  const body = document.body;
  const notice = document.getElementById("connection");
  const quiet = 6000; // a page that hears nothing for so long says so, in milliseconds
  let heardAt = performance.now();
  let source = null;

  const say = (text) => {
    if (!notice || notice.textContent === text) return;
    notice.textContent = text;
    notice.hidden = text === "";
  };

  const replace = (id, element) => {
    const old = document.getElementById(id);
    if (!old || !element || old.isEqualNode(element)) return;
    // What somebody works with stays as it is.
    if (old.contains(document.activeElement) && document.activeElement !== old) return;
    const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    old.replaceWith(element);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    document.dispatchEvent(new CustomEvent("part", { detail: { id } }));
  };

  const put = (id, html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    replace(id, template.content.firstElementChild);
  };

  const signIn = () => {
    location.assign("/dashboard/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
  };

  // Whether the session is over, or only the connection.
  const check = async () => {
    try {
      const answer = await fetch("/dashboard/session", { cache: "no-store" });
      if (answer.status === 401) signIn();
      return answer.ok;
    } catch {
      return false;
    }
  };

  const connect = () => {
    source = new EventSource(body.dataset.live);
    source.addEventListener("part", (event) => {
      heardAt = performance.now();
      say("");
      const part = JSON.parse(event.data);
      put(part.id, part.html);
    });
    source.addEventListener("beat", () => { heardAt = performance.now(); say(""); });
    source.addEventListener("error", () => {
      say("Connection lost. What you see is not live; trying again.");
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(async () => { await check(); if (!source && !document.hidden) connect(); }, 2000);
    });
  };

  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { "X-Refresh": "1" }, redirect: "error" });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-part]")) replace(part.id, page.getElementById(part.id));
      say("");
    } catch {
      say("Connection lost. What you see is not up to date; trying again.");
      await check();
    }
  };

  if (body.dataset.live) {
    connect();
    setInterval(() => {
      if (source && performance.now() - heardAt > quiet) say("Nothing heard for some seconds. What you see may be old.");
    }, 1000);
    // A page that nobody sees costs nothing.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        source?.close();
        source = null;
      } else if (!source) {
        heardAt = performance.now();
        connect();
      }
    });
  }
  if (body.dataset.refresh) {
    const pause = Number(body.dataset.refresh) * 1000;
    const next = async () => {
      if (!document.hidden) await refresh();
      setTimeout(next, pause);
    };
    setTimeout(next, pause);
  }
  window.sluice = { refresh, signIn };
})();
