// Copying, printing, and secrets that are shown once.
//
// <button data-copy="text">  <button data-print>
// <form data-issue="POST /keys" data-member="key" data-title="Your new key" data-confirm="...">
"use strict";
(() => {
  const { call, reason, toast, read } = window.sluice;

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without https there is no clipboard but the old one.
      const field = document.createElement("textarea");
      field.value = text;
      field.style.position = "fixed";
      (document.querySelector("dialog[open]") ?? document.body).append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    toast("Copied.", "good");
  };

  const show = (title, secret) => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "secret-title");
    const heading = document.createElement("h2");
    heading.id = "secret-title";
    heading.textContent = title;
    const words = document.createElement("p");
    words.textContent = "Copy it now and keep it safe: it is shown this once only.";
    const value = document.createElement("pre");
    value.tabIndex = 0;
    value.textContent = secret;
    const row = document.createElement("div");
    row.className = "row actions";
    const copies = document.createElement("button");
    copies.type = "button";
    copies.textContent = "Copy";
    copies.addEventListener("click", () => copy(secret));
    const done = document.createElement("button");
    done.type = "button";
    done.className = "quiet";
    done.textContent = "I have it";
    done.addEventListener("click", () => dialog.close());
    row.append(copies, done);
    dialog.append(heading, words, value, row);
    dialog.addEventListener("close", () => location.reload());
    document.body.append(dialog);
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.copy !== undefined) copy(button.dataset.copy);
    if (button?.dataset.print !== undefined) print();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const issue = form.dataset.issue;
    if (!issue) return;
    event.preventDefault();
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
    const [method, path] = issue.split(" ");
    const body = read(form);
    const scopes = [...form.querySelectorAll("[data-scope]")];
    if (scopes.length) body.scopes = scopes.filter((box) => box.checked).map((box) => box.dataset.scope);
    const buttons = [...form.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      const answer = await call(method, path, Object.keys(body).length ? body : undefined);
      if (answer.ok) show(form.dataset.title, answer.body[form.dataset.member]);
      else toast(reason(answer), "bad");
    } catch {
      toast("The node could not be reached. Look whether it was made before you repeat it.", "bad");
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
})();
