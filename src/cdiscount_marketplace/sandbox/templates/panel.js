"use strict";
// Shows what is new without a reload, and the lines for what a form says. Without this file, links and forms do it all.
(() => {
  const EVERY = 2000;
  const news = document.querySelector("[data-news]");
  const follow = document.querySelector("[data-follow]");

  const byKey = (parent) => new Map([...parent.children].map((child) => [child.dataset.key, child]));

  // Brings a list up to date, and leaves alone what did not change: what is open stays open, what has focus keeps it.
  const updateList = (old, fresh) => {
    const before = byKey(old);
    const after = byKey(fresh);
    let added = 0;
    before.forEach((child, key) => { if (!after.has(key)) child.remove(); });
    [...fresh.children].forEach((child, position) => {
      const present = before.get(child.dataset.key);
      const made = document.importNode(child, true);
      if (!present) {
        old.insertBefore(made, old.children[position] || null);
        added += 1;
      } else if (present.textContent !== child.textContent && !present.contains(document.activeElement)) {
        present.replaceWith(made);
      }
    });
    return added;
  };

  const update = (page) => {
    const fresh = page.querySelectorAll("[data-live]");
    const old = document.querySelectorAll("[data-live]");
    if (fresh.length !== old.length) {
      news.textContent = "This screen has changed; refresh it.";
      return;
    }
    const told = [];
    old.forEach((element, position) => {
      const kind = element.dataset.live;
      if (kind === "text") {
        if (element.textContent !== fresh[position].textContent) element.textContent = fresh[position].textContent;
      } else {
        const added = updateList(element, fresh[position]);
        if (added) told.push(`${added} new ${kind}${added === 1 ? "" : "s"}`);
      }
    });
    if (told.length) news.textContent = told.join(", ");
  };

  const refresh = async () => {
    const box = follow.querySelector("input");
    if (box.checked && !document.hidden) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin" });
        if (answer.ok) update(new DOMParser().parseFromString(await answer.text(), "text/html"));
        else news.textContent = "The sandbox refuses to refresh this page.";
      } catch {
        news.textContent = "The sandbox does not answer.";
      }
    }
    setTimeout(refresh, EVERY);
  };

  if (follow && news) {
    follow.hidden = false;
    setTimeout(refresh, EVERY);
  }

  const showLines = async (form) => {
    const members = new FormData(form);
    members.delete("token");
    const answer = await fetch(`${form.dataset.lines}?${new URLSearchParams(members)}`, { credentials: "same-origin" });
    // While something is not yet right, the last lines stay.
    if (!answer.ok) return;
    const lines = await answer.json();
    form.querySelectorAll("[data-line]").forEach((element) => { element.textContent = lines[element.dataset.line]; });
  };

  document.querySelectorAll("form[data-lines]").forEach((form) => {
    let waiting = 0;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => showLines(form).catch(() => {}), 200);
    });
  });
})();
