// What the desk does without reloading: changes show by themselves, the order
// can be dragged, a link in the mail says where it leads, what was typed and not
// saved is offered again. Everything else works without this script.
"use strict";
(() => {
  const bench = document.querySelector(".bench");
  const form = () => document.getElementById("edits");
  let dirty = false;
  const served = new Map(); // each part as the server made it

  const parts = root => [...root.querySelectorAll("[data-live]")];
  const remember = () => parts(document).forEach(p => served.set(p.id, p.outerHTML));
  remember();

  document.addEventListener("input", e => {
    if (e.target.closest("#edits")) { dirty = true; say("Not saved yet."); keep(); }
  });
  document.addEventListener("submit", e => {
    if (dirty && e.target !== form() && !confirm("What you typed and did not save is not part of this. Go on without it?")) { e.preventDefault(); return; }
    dirty = false;
  });
  window.addEventListener("beforeunload", e => { if (dirty) e.preventDefault(); });
  const say = text => { const d = document.getElementById("dirty"); if (d) d.textContent = text; };

  // What was typed outlives the page and the browser until it is saved.
  const key = () => "typed " + form().getAttribute("action");
  const fields = () => [...form().querySelectorAll("input:not([type=hidden], [type=checkbox]), textarea, select")].filter(f => f.name);
  const keep = () => {
    try { localStorage.setItem(key(), JSON.stringify(Object.fromEntries(fields().map(f => [f.name, f.value])))); } catch { /* no room, or not allowed */ }
  };
  const offer = () => {
    if (!form()) return;
    let typed = null;
    try { typed = JSON.parse(localStorage.getItem(key())); } catch { /* nothing that can be read */ }
    const other = typed ? fields().filter(f => f.name in typed && typed[f.name] !== f.value) : [];
    if (!other.length) { try { localStorage.removeItem(key()); } catch { /* not allowed */ } return; }
    const box = document.createElement("p");
    box.className = "warning";
    box.id = "unsaved";
    const button = (text, act) => {
      const b = document.createElement("button");
      b.type = "button";
      b.textContent = text;
      b.addEventListener("click", () => { act(); box.remove(); });
      box.append(" ", b);
    };
    box.textContent = "Something was typed here and not saved.";
    button("Put it back", () => { for (const f of other) f.value = typed[f.name]; dirty = true; say("Not saved yet."); other[0].focus(); });
    button("Forget it", () => { try { localStorage.removeItem(key()); } catch { /* not allowed */ } });
    form().before(box);
  };
  offer();

  // A new frame is loaded beside the old one and takes its place when it is
  // there, at the same place of the mail.
  const renew = src => {
    const old = document.getElementById("frame");
    if (!old) return;
    const fresh = old.cloneNode(false);
    fresh.src = src;
    fresh.classList.add("loading");
    fresh.addEventListener("load", () => {
      const top = old.contentWindow ? old.contentWindow.scrollY : 0;
      fresh.contentWindow.scrollTo(0, top);
      fresh.classList.remove("loading");
      old.remove();
      watchLinks(fresh);
      bench.dataset.updates = String(Number(bench.dataset.updates || 0) + 1);
    }, {once: true});
    old.after(fresh);
  };

  // The address of what has the focus, to find it again.
  const focusKey = el => el && el !== document.body &&
    (el.id ? "#" + CSS.escape(el.id) : el.name && el.value !== undefined ? `[name="${CSS.escape(el.name)}"][value="${CSS.escape(el.value)}"]` : "");

  const update = async () => {
    const answer = await fetch(location.href, {headers: {"Accept": "text/html"}});
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!next.querySelector(".bench")) { // logged out, or an error: the page itself says it
      if (!dirty) location.reload();
      return;
    }
    const focus = focusKey(document.activeElement);
    const [x, y] = [scrollX, scrollY];
    for (const part of parts(next)) {
      if (served.get(part.id) === part.outerHTML) continue;
      const now = document.getElementById(part.id);
      if (!now) continue;
      if (dirty && now.contains(form())) { say("Something else changed; you will see it once you have saved."); continue; }
      const open = [...now.querySelectorAll("details")].map(d => d.open);
      served.set(part.id, part.outerHTML);
      now.replaceWith(document.importNode(part, true));
      document.getElementById(part.id).querySelectorAll("details").forEach((d, i) => { if (open[i]) d.open = true; });
    }
    if (focus && !document.activeElement.matches(focus)) document.querySelector(focus)?.focus({preventScroll: true});
    scrollTo(x, y);
    document.title = next.title;
    const frame = next.getElementById("frame");
    const old = document.getElementById("frame");
    if (frame && old && frame.getAttribute("src") !== old.getAttribute("src")) renew(frame.getAttribute("src"));
    else bench.dataset.updates = String(Number(bench.dataset.updates || 0) + 1);
  };

  if (bench) {
    let running = false, again = false;
    const changed = async () => {
      if (running) { again = true; return; }
      running = true;
      do { again = false; try { await update(); } catch { /* the server is away; the stream comes back by itself */ } } while (again);
      running = false;
    };
    const stream = new EventSource(bench.dataset.events);
    let opened = false;
    stream.addEventListener("open", () => { if (opened) changed(); opened = true; bench.dataset.live = "yes"; });
    stream.addEventListener("change", changed);
  }

  const watchLinks = frame => {
    const doc = frame.contentDocument;
    if (!doc || doc.documentElement.dataset.watched) return;
    doc.documentElement.dataset.watched = "yes";
    doc.addEventListener("click", e => {
      const a = e.target.closest("a[href]");
      if (!a || a.getAttribute("href").startsWith("#")) return;
      e.preventDefault();
      const out = document.getElementById("link");
      if (out) out.textContent = "That link leads to " + a.href;
    });
  };
  const frame = document.getElementById("frame");
  if (frame) {
    frame.addEventListener("load", () => watchLinks(frame));
    if (frame.contentDocument && frame.contentDocument.readyState === "complete") watchLinks(frame);
  }

  // Dragging a line of the order by its handle.
  let dragged = null;
  document.addEventListener("dragstart", e => {
    if (!e.target.classList || !e.target.classList.contains("handle")) return;
    dragged = e.target.closest("li");
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", dragged.dataset.slug);
  });
  document.addEventListener("dragover", e => {
    const over = dragged && e.target.closest("#order > li");
    if (!over) return;
    e.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    over[e.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  document.addEventListener("drop", e => { if (dragged) e.preventDefault(); });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged = null;
    form().querySelector("button[value=save]").click();
  });
})();
