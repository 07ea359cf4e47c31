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

  const said = text => { const d = document.getElementById("dirty"); if (d) d.textContent = text; };
  const bySelector = (root, sel) => [...root.querySelectorAll(sel)];
  const keptForms = () => bySelector(document, "form[data-keep]");
  if (document.querySelector("form#edits[data-typed]")) { dirty = true; said("Not saved yet."); }

  document.addEventListener("input", e => {
    const f = e.target.form;
    if (!f || !f.matches("[data-keep]")) return;
    if (f.id === "edits") { dirty = true; said("Not saved yet."); }
    keep(f);
  });

  // What is sent to a desk that is away, or to one that has logged the editor out,
  // is lost with the page: the desk is asked before.
  const nav = document.querySelector("[data-alive]");
  const alive = async () => {
    try {
      const answer = await fetch(nav.dataset.alive, {redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(10000)});
      if (answer.type === "opaqueredirect" || answer.status === 401) return "out";
      return [502, 503, 504].includes(answer.status) ? "away" : "yes";
    } catch { return "away"; }
  };
  const hold = (f, by, why) => {
    document.getElementById("away")?.remove();
    const box = document.createElement("p");
    box.id = "away";
    box.className = "warning";
    box.setAttribute("role", "alert");
    if (why === "out") {
      const a = Object.assign(document.createElement("a"), {href: nav.dataset.login, target: "_blank", rel: "noopener", textContent: "Log in in another window"});
      box.append("You are logged out, so nothing was sent. What you typed is still here. ", a, ", then press the button again.");
    } else box.textContent = "The desk does not answer, so nothing was sent. What you typed is still here: press the button again in a while.";
    (by && by.form === f && f.contains(by) ? by.closest("p, li, fieldset, form") : f).after(box);
    by?.focus();
  };
  document.addEventListener("submit", async e => {
    const f = e.target, by = e.submitter;
    if (f.method !== "post" || !nav || f.dataset.go) return;
    if (dirty && f !== form() && !confirm("What you typed and did not save is not part of this. Go on without it?")) { e.preventDefault(); return; }
    e.preventDefault();
    if (f.dataset.asking) return;
    f.dataset.asking = "yes";
    const is = await alive();
    delete f.dataset.asking;
    if (is !== "yes") { hold(f, by, is); return; }
    place(by);
    if (f.matches("[data-keep]")) try { sessionStorage.setItem("sent", key(f)); } catch { /* not allowed */ }
    dirty = false;
    f.dataset.go = "yes";
    f.requestSubmit(by && by.form === f ? by : undefined);
    delete f.dataset.go;
  });
  window.addEventListener("beforeunload", e => { if (dirty) e.preventDefault(); });

  // After a button the page is where it was.
  const place = by => {
    try { sessionStorage.setItem("place", JSON.stringify({path: location.pathname, y: by ? by.getBoundingClientRect().top : 0})); } catch { /* not allowed */ }
  };
  const back = () => {
    let was = null;
    try { was = JSON.parse(sessionStorage.getItem("place")); sessionStorage.removeItem("place"); } catch { /* not allowed */ }
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!was || !target || was.path !== location.pathname) return;
    target.focus({preventScroll: true});
    scrollBy(0, target.getBoundingClientRect().top - was.y);
  };
  addEventListener("load", back);

  // What was typed outlives the page and the browser until it is saved.
  const key = f => "typed " + f.getAttribute("action") + (f.id === "edits" ? "" : " " + f.id);
  const fields = f => [...f.elements].filter(x => x.name && x.matches("input:not([type=hidden], [type=checkbox]), textarea, select"));
  const keep = f => {
    try { localStorage.setItem(key(f), JSON.stringify(Object.fromEntries(fields(f).map(x => [x.name, x.value])))); } catch { /* no room, or not allowed */ }
  };
  const forget = f => { try { localStorage.removeItem(key(f)); } catch { /* not allowed */ } };
  const offer = f => {
    let typed = null;
    try { typed = JSON.parse(localStorage.getItem(key(f))); } catch { /* nothing that can be read */ }
    const other = typed ? fields(f).filter(x => x.name in typed && typed[x.name] !== x.value) : [];
    if (!other.length) { if (!f.matches("[data-typed]")) forget(f); return; }
    if (f.matches("[data-typed]")) return; // the server has just shown what was typed
    const box = document.createElement("p");
    box.className = "warning";
    if (f.id === "edits") box.id = "unsaved";
    const button = (text, act) => {
      const b = document.createElement("button");
      b.type = "button";
      b.textContent = text;
      b.addEventListener("click", () => { act(); box.remove(); });
      box.append(" ", b);
    };
    box.textContent = "Something was typed here and not saved.";
    button("Put it back", () => { for (const x of other) x.value = typed[x.name]; if (f.id === "edits") { dirty = true; said("Not saved yet."); } other[0].focus(); });
    button("Forget it", () => forget(f));
    f.before(box);
  };
  try { // what was sent and done is not offered again
    const sent = sessionStorage.getItem("sent");
    sessionStorage.removeItem("sent");
    if (sent && document.getElementById("done")?.textContent) localStorage.removeItem(sent);
  } catch { /* not allowed */ }
  keptForms().forEach(offer);

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
    const answer = await fetch(bench.dataset.self || location.href, {headers: {"Accept": "text/html"}});
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
      if (dirty && now.contains(form())) { said("Something else changed; you will see it once you have saved."); continue; }
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
      const within = a && a.getAttribute("href").startsWith("#");
      if (a && !within) e.preventDefault();
      where(e.target.closest("[data-spot]") || e.target.closest("[data-at]"), a && !within ? a.href : "");
    });
  };

  // What was clicked in the mail is outlined, and where it comes from is said.
  let outlined = null;
  const where = async (el, href) => {
    const out = document.getElementById("link");
    if (!out) return;
    if (outlined) outlined.style.outline = "";
    if (el) { outlined = el; el.style.outline = "3px solid #b3261e"; }
    const leads = href ? "That link leads to " + href + ". " : "";
    out.textContent = leads;
    if (!el || !bench.dataset.spot) return;
    try {
      const at = new URL(bench.dataset.spot, location.href);
      at.searchParams.set("n", el.dataset.at);
      const answer = await fetch(at);
      if (!answer.ok) return;
      const spot = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("spot");
      if (spot) out.replaceChildren(leads, ...[...spot.childNodes].map(n => document.importNode(n, true)));
    } catch { /* the desk is away */ }
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
