// The sliders of an account's shares: preview, save, undo, and what to do when somebody else was faster.
"use strict";
(() => {
  const form = document.getElementById("shares");
  if (!form) return;
  const { call, reason, toast } = window.sluice;
  const account = form.dataset.account;
  const api = "/admin/accounts/" + encodeURIComponent(account) + "/shares";
  const undoKey = "undo " + account;
  const draftKey = "draft " + account;
  const report = document.getElementById("share-changes");
  const promised = document.getElementById("promised");
  const buttons = Object.fromEntries(["preview", "save", "reset", "undo"].map((name) => [name, document.getElementById("share-" + name)]));
  const fields = ["rate", "ceiling", "weight", "lend"];
  const rows = [...form.querySelectorAll("fieldset[data-path]")];
  let tree = null; // as the server has it
  let version = form.dataset.version;
  let quota = Number(form.dataset.quota);
  const touched = new Set(); // rows whose rate was moved by hand

  // A tree's shares by path, with those below them.
  const all = (root, above = "") => Object.entries(root?.shares ?? {}).flatMap(
    ([name, own]) => [[above + name, own], ...all(own, `${above}${name}/`)]);
  // What is configured of a tree, to be compared: its version also grows when an account is paused.
  const settings = (root) => JSON.stringify(all(root).map(([path, own]) => [path, ...fields.map((name) => own[name])]).sort());
  // Whether the tree has other shares than the page.
  const isOther = () => {
    const paths = new Set(all(tree).map(([path]) => path));
    return paths.size !== rows.length || rows.some((row) => !paths.has(row.dataset.path));
  };

  const node = (root, path) => path.split("/").reduce((at, name) => at?.shares?.[name], root);
  const input = (row, name) => row.querySelector(`input[name=${name}]`);
  const value = (row, name) => {
    const field = input(row, name);
    if (field.type === "checkbox") return field.checked;
    return field.value.trim() === "" ? null : Number(field.value);
  };
  const set = (row, name, to) => {
    const field = input(row, name);
    if (field.type === "checkbox") { field.checked = Boolean(to); return; }
    field.value = to ?? "";
    const range = row.querySelector(`input[data-for="${field.id}"]`);
    if (to !== null && Number(to) > Number(range.max)) range.max = to;
    range.value = to ?? range.max;
    range.setAttribute("aria-valuetext", to === null ? "as the parent" : String(to));
  };

  // What the rows say otherwise than the server.
  const changes = () => rows.flatMap((row) => {
    const own = node(tree, row.dataset.path);
    return own ? fields.filter((name) => value(row, name) !== own[name]).map((name) => ({ row, name })) : [];
  });

  const mine = () => changes().map(({ row, name }) => ({ path: row.dataset.path, name, value: value(row, name) }));

  const show = () => {
    const dirty = tree ? changes() : [];
    for (const row of rows) {
      for (const name of fields) {
        input(row, name).closest(".slider, .row").classList.toggle("changed", dirty.some((change) => change.row === row && change.name === name));
      }
    }
    const top = rows.filter((row) => row.dataset.parent === "");
    const sum = top.reduce((total, row) => total + (value(row, "rate") ?? 0), 0);
    promised.textContent = quota ? `${sum} of ${quota} promised` + (sum > quota ? `, ${sum - quota} too many` : "") : `${sum} promised`;
    promised.className = quota && sum > quota ? "badge bad" : "badge";
    const other = tree !== null && isOther();
    if (other) list("The account has other shares by now.", ["Reload the page to see and to change them."], "warn");
    buttons.preview.disabled = other || dirty.length === 0;
    buttons.save.disabled = other;
    buttons.reset.hidden = dirty.length === 0;
    buttons.undo.hidden = sessionStorage.getItem(undoKey) === null || dirty.length > 0;
  };
  const clear = () => { report.replaceChildren(); buttons.save.hidden = true; };

  const fill = (keep = []) => {
    if (keep.length === 0) touched.clear();
    for (const row of rows) {
      const own = node(tree, row.dataset.path);
      if (!own) continue;
      for (const name of fields) {
        const kept = keep.find((change) => change.path === row.dataset.path && change.name === name);
        set(row, name, kept ? kept.value : own[name]);
      }
    }
    show();
  };

  const take = (answer) => {
    tree = answer.body;
    version = String(tree.version);
    form.dataset.version = version;
    quota = Math.floor(tree.live?.rate ?? tree.quota?.rate ?? quota);
  };
  const load = async () => {
    const answer = await call("GET", api);
    if (!answer.ok) throw new Error(reason(answer));
    take(answer);
  };

  // A rate takes with it what was equal to it (a fixed share's ceiling, a weight by default), and what another share has to
  // give whose rate nobody has set here.
  const follow = (row, to) => {
    const own = node(tree, row.dataset.path);
    if (!own) return;
    if (own.ceiling === own.rate) set(row, "ceiling", Math.max(1, to));
    if (own.weight === Math.max(1, own.rate)) set(row, "weight", Math.max(1, to));
    const siblings = rows.filter((other) => other.dataset.parent === row.dataset.parent);
    const room = row.dataset.parent === "" ? quota : node(tree, row.dataset.parent)?.rate;
    if (!room) return;
    const sum = siblings.reduce((total, other) => total + (value(other, "rate") ?? 0), 0);
    const donor = siblings
      .filter((other) => other !== row && !touched.has(other) && value(other, "lend"))
      .sort((a, b) => (node(tree, b.dataset.path)?.rate ?? 0) - (node(tree, a.dataset.path)?.rate ?? 0))[0];
    if (!donor) return;
    // Up to what it had: a slider that goes back gives back.
    const before = node(tree, donor.dataset.path);
    const most = Math.max(before?.rate ?? 0, value(donor, "rate") ?? 0);
    const free = room - (sum - (value(donor, "rate") ?? 0));
    const left = Math.max(0, Math.min(most, free));
    if (left === value(donor, "rate")) return;
    set(donor, "rate", left);
    if (before && before.weight === Math.max(1, before.rate)) set(donor, "weight", Math.max(1, left));
    if (before && before.ceiling === before.rate) set(donor, "ceiling", Math.max(1, left));
  };

  const wanted = () => {
    const copy = structuredClone(tree);
    for (const { row, name } of changes()) node(copy, row.dataset.path)[name] = value(row, name);
    return { shares: copy.shares };
  };
  const list = (title, lines, kind) => {
    const box = document.createElement("div");
    box.className = "note " + kind;
    const head = document.createElement("p");
    head.textContent = title;
    const items = document.createElement("ul");
    items.className = "changes";
    for (const line of lines) {
      const item = document.createElement("li");
      item.textContent = line;
      items.append(item);
    }
    box.append(head, items);
    report.replaceChildren(box);
  };
  const words = (body) => (body?.changes ?? []).map((change) => `${change.object}: ${change.detail || change.action}`);

  // Somebody was faster: says what changed and by whom, and goes on from there with what was wanted here.
  const catchUp = async () => {
    const before = tree;
    const keep = mine();
    await load();
    const lines = rows.flatMap((row) => {
      const [old, now] = [node(before, row.dataset.path), node(tree, row.dataset.path)];
      if (!now) return [`${row.dataset.path} was removed`];
      return fields.filter((name) => old && old[name] !== now[name]).map((name) => `${row.dataset.path}: ${name} ${old[name] ?? "the parent's"} -> ${now[name] ?? "the parent's"}`);
    });
    const audit = await call("GET", "/admin/audit?limit=20");
    const entry = audit.body?.data?.find((one) => one.object.startsWith(`share ${account}/`) || one.object === `account ${account}`);
    const who = entry ? ` by ${entry.actor}` : "";
    fill(keep);
    list(`This was changed meanwhile${who}. Your changes are kept on top of it; preview them again.`, lines.length ? lines : ["Something else about the account has changed."], "warn");
  };

  const run = async (work) => {
    for (const button of Object.values(buttons)) button.disabled = true;
    try {
      await work();
    } catch (error) {
      list("That did not work.", [error.message], "bad");
    } finally {
      for (const button of Object.values(buttons)) button.disabled = false;
      show();
    }
  };

  const put = async (body, dryRun) => {
    const answer = await call("PUT", api + (dryRun ? "?dry_run=true" : ""), body, { "If-Match": `"${version}"` });
    if (answer.status === 412) {
      clear();
      await catchUp();
      return null;
    }
    if (!answer.ok) {
      clear();
      list("This is refused.", [reason(answer)], "bad");
      return null;
    }
    return answer;
  };

  buttons.preview.addEventListener("click", () => run(async () => {
    const answer = await put(wanted(), true);
    if (!answer) return;
    list("This would change:", words(answer.body), "good");
    buttons.save.hidden = false;
    setTimeout(() => buttons.save.focus(), 0);
  }));
  buttons.save.addEventListener("click", () => run(async () => {
    const old = { shares: tree.shares };
    const answer = await put(wanted(), false);
    if (!answer) return;
    take(answer);
    sessionStorage.setItem(undoKey, JSON.stringify({ saved: settings(tree), old }));
    clear();
    fill();
    list("Saved. It is in force on every node within two seconds.", words(answer.body), "good");
    toast("Saved.", "good");
  }));
  buttons.undo.addEventListener("click", () => run(async () => {
    const undo = JSON.parse(sessionStorage.getItem(undoKey) ?? "null");
    if (!undo) return;
    await load();
    if (settings(tree) !== undo.saved) {
      sessionStorage.removeItem(undoKey);
      fill();
      list("There is nothing to undo any more.", ["The shares were changed after that, so that going back would undo more than your change."], "warn");
      return;
    }
    const answer = await put(undo.old, false);
    if (!answer) return;
    take(answer);
    sessionStorage.removeItem(undoKey);
    clear();
    fill();
    list("Undone.", words(answer.body), "good");
    toast("Undone.", "good");
  }));
  buttons.reset.addEventListener("click", () => { clear(); fill(); });

  form.addEventListener("submit", (event) => { event.preventDefault(); if (!buttons.preview.disabled) buttons.preview.click(); });
  form.addEventListener("input", (event) => {
    if (!tree) return;
    const row = event.target.closest("fieldset[data-path]");
    if (!row) return;
    const field = event.target.dataset.for ? document.getElementById(event.target.dataset.for) : event.target;
    if (event.target.dataset.for) field.value = event.target.value;
    if (field.type === "number") set(row, field.name, field.value.trim() === "" ? null : Number(field.value));
    if (field.name === "rate") touched.add(row);
    if (field.name === "rate" && field.value !== "") follow(row, Number(field.value));
    clear();
    show();
  });
  // Another tab or another admin has changed something: said as soon as the news have it.
  document.addEventListener("part", (event) => {
    if (event.detail.id !== "state" || !tree) return;
    const now = document.getElementById("state").dataset.version;
    if (now === version || Number(now) < Number(version) ) return;
    if (changes().length === 0) run(async () => { await load(); fill(); });
  });

  // A session that ends leads away; what was not saved waits for whoever comes back.
  document.addEventListener("leave", () => {
    if (tree && changes().length) sessionStorage.setItem(draftKey, JSON.stringify(mine()));
  });

  run(async () => {
    await load();
    const draft = JSON.parse(sessionStorage.getItem(draftKey) ?? "[]");
    sessionStorage.removeItem(draftKey);
    fill(draft);
    const kept = mine().map((change) => `${change.path}: ${change.name} ${change.value ?? "the parent's"}`);
    if (draft.length && kept.length) list("Your session had ended. What you had not saved is kept; preview it again.", kept, "warn");
  });
})();
