// News of the page: parts of it that the server has made anew, put in the place of the old ones.
"use strict";
(() => {
  const body = document.body;
  const notice = document.getElementById("connection");
  const quiet = 6000; // a page that hears nothing for so long says so, in milliseconds
  const silent = 15000; // after so long it asks on a new connection: the old one may be dead without anybody having said so
  let heardAt = performance.now();
  let triedAt = heardAt;
  let newest = ""; // when what is shown was so, by the server's clock
  let pressed = null; // what a finger or the mouse is on
  let source = null;

  const say = (text) => {
    if (!notice || notice.textContent === text) return;
    notice.textContent = text;
    notice.hidden = text === "";
  };
  const old = () => newest ? `What you see is of ${newest} UTC` : "What you see may be old";

  // Tells what stands for what in two makings of one part.
  const likeness = (element) =>
    [element.tagName, element.getAttribute("href"), element.getAttribute("aria-label") ?? element.textContent, element.closest("[id]")?.id].join("\n");

  const replace = (id, element) => {
    const part = document.getElementById(id);
    if (!part || !element || part.isEqualNode(element)) return;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    // What somebody writes in or is clicking on stays as it is.
    if (focused?.matches("input, select, textarea") || part.contains(pressed)) return;
    const open = [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
    const places = [...part.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    part.replaceWith(element);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    element.querySelectorAll(".scroll").forEach((box, index) => { if (places[index]) box.scrollLeft = places[index]; });
    if (focused) {
      const twin = focused.id ? document.getElementById(focused.id)
        : [...element.querySelectorAll(focused.tagName)].find((one) => likeness(one) === likeness(focused));
      twin?.focus({ preventScroll: true });
    }
    document.dispatchEvent(new CustomEvent("part", { detail: { id } }));
  };

  const put = (id, html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    replace(id, template.content.firstElementChild);
  };

  const signIn = () => {
    // Whoever has changes that are not saved keeps them until then.
    document.dispatchEvent(new CustomEvent("leave"));
    location.assign("/dashboard/sign-in?ended=1&next=" + encodeURIComponent(location.pathname + location.search));
  };

  // Whether the session is over, or only the connection.
  const check = async () => {
    try {
      const answer = await fetch("/dashboard/session", { cache: "no-store", signal: AbortSignal.timeout(silent) });
      if (answer.status === 401) signIn();
      return answer.ok;
    } catch {
      return false;
    }
  };

  const connect = () => {
    source?.close();
    triedAt = performance.now();
    source = new EventSource(body.dataset.live);
    source.addEventListener("part", (event) => {
      heardAt = performance.now();
      say("");
      const part = JSON.parse(event.data);
      put(part.id, part.html);
    });
    source.addEventListener("beat", (event) => {
      heardAt = performance.now();
      newest = event.data;
      say("");
    });
    // The node is there, and knows nothing newer.
    source.addEventListener("stale", () => {
      heardAt = performance.now();
      say(`${old()}: the node cannot find out what is new. Its database may be away.`);
    });
    source.addEventListener("error", () => {
      say(`Connection lost. ${old()}; trying again.`);
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(async () => { await check(); if (!source && !document.hidden) connect(); }, 2000);
    });
  };

  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { "X-Refresh": "1" }, redirect: "error", signal: AbortSignal.timeout(silent) });
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
      if (!source) return;
      const silence = performance.now() - heardAt;
      if (silence > quiet) say(`Nothing heard for some seconds. ${old()}.`);
      if (silence > silent && performance.now() - triedAt > silent) connect();
    }, 1000);
    document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
    for (const end of ["pointerup", "pointercancel"]) {
      // After the click that follows it.
      document.addEventListener(end, () => setTimeout(() => { pressed = null; }, 0), true);
    }
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
