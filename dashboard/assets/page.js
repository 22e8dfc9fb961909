// Keeps a page up to date, by the server-sent events of its server. Every page works without.
"use strict";
(() => {
  const body = document.body, address = body.dataset.live;
  const ahead = Number(body.dataset.now) - Date.now(); // of the scheduler's clock

  // The words of times, by the rules of the server.
  function span(ms) {
    const s = Math.floor(ms / 1000), min = Math.floor(s / 60), h = Math.floor(s / 3600);
    if (s < 60) return s + " s";
    if (min < 60) return min + " min";
    if (h < 48) return min % 60 ? h + " h " + min % 60 + " min" : h + " h";
    return Math.floor(h / 24) + " days";
  }
  function words(element, now) {
    const d = Date.parse(element.dateTime) - now;
    if (element.dataset.rel === "for") return span(Math.max(0, -d));
    return d >= 1000 ? "in " + span(d) : d <= -1000 ? span(-d) + " ago" : "now";
  }
  function tell(root) {
    const now = Date.now() + ahead;
    for (const element of root.querySelectorAll("time[data-rel]")) {
      const text = words(element, now);
      if (element.textContent !== text) element.textContent = text;
    }
  }

  // The cells of the grid: one at a time can be reached by Tab, the others by the arrow keys.
  const says = document.getElementById("says");
  const cells = () => [...document.querySelectorAll(".grid td a")];
  function rove() {
    const all = cells();
    if (!all.length) return;
    const at = all.includes(document.activeElement) ? document.activeElement : all.find((a) => a.tabIndex === 0 && a.hasAttribute("tabindex")) || all[0];
    for (const a of all) a.tabIndex = a === at ? 0 : -1;
  }
  function move(from, key) {
    const cell = from.parentNode, row = cell.parentNode;
    const links = (r) => [...r.querySelectorAll("td a")];
    if (key === "Home" || key === "End") return links(row).at(key === "Home" ? 0 : -1);
    if (key === "ArrowLeft" || key === "ArrowRight") return links(row)[links(row).indexOf(from) + (key === "ArrowRight" ? 1 : -1)];
    for (let r = row; (r = key === "ArrowDown" ? r.nextElementSibling : r.previousElementSibling);) {
      const near = links(r).sort((a, b) => Math.abs(a.parentNode.cellIndex - cell.cellIndex) - Math.abs(b.parentNode.cellIndex - cell.cellIndex))[0];
      if (near) return near;
    }
  }
  if (says) {
    rove();
    const now = document.querySelector(".grid .now"), view = document.querySelector(".grid").parentNode;
    if (now) view.scrollLeft = now.offsetLeft - view.clientWidth * 0.8;
    document.addEventListener("keydown", (event) => {
      if (!event.target.matches(".grid td a") || !/^(Arrow|Home$|End$)/.test(event.key)) return;
      const to = move(event.target, event.key);
      event.preventDefault();
      if (to) { event.target.tabIndex = -1; to.tabIndex = 0; to.focus(); }
    });
    const show = (event) => {
      const cell = event.target.closest(".grid td");
      const text = cell && (cell.title || (cell.firstChild && cell.firstChild.title));
      if (text) says.textContent = text;
    };
    document.addEventListener("focusin", show);
    document.addEventListener("mouseover", show);
  }

  if (!address) return;
  const state = document.getElementById("live-state"), button = document.getElementById("live-pause");
  let stream = null, timer = 0, paused = false, failures = 0;

  // Elements are replaced only if they differ, so that neither focus nor a selection is lost.
  function replace(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const at = active && [...old.querySelectorAll("a, button, [tabindex]")].indexOf(active);
    const scrolled = [...old.querySelectorAll(".scroll")].map((s) => s.scrollLeft);
    old.replaceWith(fresh);
    fresh.querySelectorAll(".scroll").forEach((s, i) => { s.scrollLeft = scrolled[i] || 0; });
    if (active) {
      const href = active.getAttribute("href"), all = [...fresh.querySelectorAll("a, button, [tabindex]")];
      const next = all.find((a) => href && a.getAttribute("href") === href) || all[at];
      if (next) next.focus({ preventScroll: true });
    }
  }
  function apply(update) {
    const fresh = {};
    for (const [id, html] of Object.entries(update.set)) {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      tell(holder.content);
      fresh[id] = document.importNode(holder.content.firstElementChild, true);
      const old = document.getElementById(id);
      if (old) replace(old, fresh[id]);
    }
    for (const [id, order] of Object.entries(update.lists)) {
      const list = document.getElementById(id), wanted = new Set(order);
      for (const child of [...list.children]) if (!wanted.has(child.id)) child.remove();
      order.forEach((name, i) => {
        const child = document.getElementById(name) || fresh[name];
        if (child && list.children[i] !== child) list.insertBefore(child, list.children[i] || null);
      });
    }
    const asOf = document.getElementById("as-of");
    if (asOf) asOf.parentNode.hidden = true;
    if (says) rove();
  }

  // One stream for a tab that is seen: a browser has few connections to a server.
  function close() {
    clearTimeout(timer);
    if (stream) stream.close();
    stream = null;
  }
  function say(text) { if (state.textContent !== text) state.textContent = text; }
  function open() {
    close();
    if (paused || document.hidden) return;
    stream = new EventSource(address);
    stream.onmessage = (event) => { failures = 0; say("Updated as things happen."); apply(JSON.parse(event.data)); };
    stream.addEventListener("end", () => { close(); say("The updates have ended. Load the page again."); });
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return say("Connecting again.");
      close();
      poll();
    };
  }
  // Without a stream, for instance when there are too many, the page asks now and then.
  async function poll() {
    try {
      const answer = await fetch(address + "&once=1", { redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      apply(await answer.json());
      failures = 0;
      say("Updated every 10 seconds.");
    } catch {
      if (++failures > 3) return say("The updates have ended. Load the page again.");
      say("Connecting again.");
    }
    if (!paused && !document.hidden) timer = setTimeout(failures ? open : poll, 10000);
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on with updates" : "Pause updates";
    if (paused) say("Updates are paused.");
    open();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  setInterval(() => { if (!paused && !document.hidden) tell(document); }, 1000);
  tell(document);
  open();
})();
