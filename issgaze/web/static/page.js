// Comfort only: every page is complete without it.
"use strict";
const root = document.documentElement;
const $ = (id) => document.getElementById(id);
const all = (selector) => document.querySelectorAll(selector);

// opens without the device, where the browser allows it
if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js").catch(() => {});

// themes without a new page; the server keeps the choice in a cookie
const system = matchMedia("(prefers-color-scheme:light)").matches ? "light" : "dark";
const mark = (theme) =>
  all("[data-set]").forEach((link) => {
    if (link.dataset.set === theme) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
mark(root.dataset.theme || system);
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-set]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  root.dataset.theme = link.dataset.set;
  document.cookie = `theme=${link.dataset.set};path=/;max-age=31536000;samesite=strict`;
  mark(link.dataset.set);
});

// countdowns: from the device's clock, at its own speed
const clock = { at: Date.now(), utc: null, speed: 1 };
const deviceNow = () =>
  clock.utc === null ? Date.now() : clock.utc + (Date.now() - clock.at) * clock.speed;
const two = (value) => String(value).padStart(2, "0");
const span = (seconds) => {
  const left = Math.round(seconds);
  const days = Math.floor(left / 86400);
  const hours = Math.floor((left % 86400) / 3600);
  const minutes = Math.floor(left / 60) % 60;
  if (left < 120) return `${left} s`;
  if (days) return `${days} ${root.lang === "fr" ? "j" : "d"} ${hours} h ${two(minutes)} min`;
  return hours ? `${hours} h ${two(minutes)} min ${two(left % 60)} s`
    : `${minutes} min ${two(left % 60)} s`;
};
const tick = () => {
  if (clock.utc === null || clock.speed === null) return;
  all("[data-until]").forEach((place) => {
    const left = (Date.parse(place.dataset.until) - deviceNow()) / 1e3;
    place.textContent = left > 0 ? span(left) : "–";
  });
};
// a page without events says when it turns false; a clock that jumps tells no time ahead
let turn = NaN;
const wind = () => {
  const given = document.querySelector("[data-now]");
  turn = NaN;
  if (!given) return;
  const speed = Number(given.dataset.speed);
  Object.assign(clock, { at: Date.now(), utc: Date.parse(given.dataset.now), speed });
  turn = speed ? Date.parse(given.dataset.turn) : clock.utc;
};
wind();
setInterval(tick, 1000);
// never sooner than a status is new
setInterval(() => {
  if (deviceNow() >= turn) renew().then(wind).catch(() => {});
}, 2000);

// live: events, else asking now and then; what does not fit the page any more brings a new one
const look = document.querySelector("[data-live]");
let page = null;
const put = (id, text) => {
  const place = $(id);
  if (place && place.textContent !== text) place.textContent = text;
};
const renew = async () => {
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!reply.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  const focused = document.activeElement && document.activeElement.id;
  $("main").replaceWith(fresh.getElementById("main"));
  if (focused && $(focused)) $(focused).focus();
};
const show = (now) => {
  Object.assign(clock, { at: Date.now(), utc: Date.parse(now.utc), speed: now.speed });
  if (page !== null && now.page !== page) renew();
  page = now.page;
  const doing = $("doing");
  if (doing && doing.textContent.trim() !== now.doing.join(" ").trim()) {
    const lead = document.createElement("b");
    lead.textContent = now.doing[0];
    doing.replaceChildren(lead, ` ${now.doing[1]}`);
  }
  if (!now.live) return;
  put("n", now.live.eyebrow);
  put("big", now.live.big);
  put("under", now.live.under);
  put("aside", now.live.aside);
  for (const [key, value] of Object.entries(now.live.numbers)) put(`live-${key}`, value);
  const station = $("station");
  if (station && now.live.station)
    station.setAttribute("transform", `translate(${now.live.station.join(" ")})`);
  const trail = $("trail");
  if (trail && now.live.step !== trail.dataset.step) {
    const next = new Image();
    next.onload = () => { trail.src = next.src; };
    next.src = `${now.live.picture}?${now.live.step}`;
    trail.dataset.step = now.live.step;
  }
  const cells = all(".framebar rect");
  cells.forEach((cell, number) => cell.setAttribute("class",
    number < now.live.done ? "c-done" : number === now.live.done ? "c-busy" : "c-todo"));
};
const note = (text) => {
  const place = $("note");
  if (place) { place.textContent = text; place.hidden = !text; }
};
let asking = null;
const ask = async () => {
  try {
    const reply = await fetch(look.dataset.live);
    if (reply.ok) show(await reply.json());
  } catch { /* the network comes back, or it does not */ }
};
const follow = () => {
  const stream = new EventSource("/api/events");
  stream.onmessage = (message) => {
    clearInterval(asking);
    asking = null;
    note("");
    show(JSON.parse(message.data));
  };
  stream.onerror = () => {
    // refused, because all places are taken, or cut: ask meanwhile, and try again later
    stream.close();
    if (asking === null) asking = setInterval(ask, 10000);
    ask();
    note(root.lang === "fr" ? "Huit autres regardent en direct : cette page se renouvelle toutes les dix secondes."
      : "Others are watching live: this page renews itself every ten seconds.");
    setTimeout(follow, 60000);
  };
};
if (look) {
  if (window.EventSource) follow();
  else { ask(); asking = setInterval(ask, 10000); }
}

all(".compare input").forEach((slider) => {
  slider.hidden = false;
  slider.oninput = () => slider.parentNode.style.setProperty("--p", `${slider.value}%`);
  slider.oninput();
});
all("[data-copy]").forEach((button) => {
  button.hidden = !navigator.clipboard;
  button.onclick = async () => {
    await navigator.clipboard.writeText($(button.dataset.copy).innerText);
    button.textContent = button.dataset.done;
  };
});

// the player: a cell for each frame
const film = document.querySelector(".player video");
if (film) {
  const cells = [...all("[data-seek]")];
  cells.forEach((cell) => {
    cell.onclick = (event) => {
      event.preventDefault();
      film.pause();
      film.currentTime = Number(cell.dataset.seek);
    };
  });
  film.ontimeupdate = () => {
    const here = cells.filter((cell) => Number(cell.dataset.seek) <= film.currentTime + 0.05).pop();
    cells.forEach((cell) => cell.removeAttribute("aria-current"));
    if (here) here.setAttribute("aria-current", "true");
  };
}

// focus: a fresh crop and its numbers once a second
const focus = document.querySelector("[data-focus=on],[data-focus=opening]");
if (focus)
  setInterval(async () => {
    const reply = await fetch("/api/focus");
    if (!reply.ok) return;
    const state = await reply.json();
    const opening = focus.dataset.focus === "opening";
    if (!state.running || (opening && state.widths_px.length)) { location.reload(); return; }
    if (opening) return;
    const crop = $("crop");
    if (crop) crop.src = `/focus/crop.jpg?${state.step}`;
    else location.reload();
    const put1 = (value) => value.toFixed(1).replace(".", root.lang === "fr" ? "," : ".");
    $("width").firstChild.textContent = state.width_px ? put1(state.width_px) : "–";
    $("few").hidden = Boolean(state.width_px);
    $("best").textContent = state.best;
    $("trend").innerHTML = state.trend;
  }, 1000);

// the mask: painted here, saved by the program that owns it
const mask = document.querySelector("[data-mask]");
if (mask) {
  const picture = mask.querySelector("img");
  const begin = () => {
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const paper = document.createElement("div");
    const brush = document.createElement("span");
    paper.className = "paper";
    brush.className = "brush";
    picture.replaceWith(paper);
    paper.append(canvas, brush);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", `${picture.alt}. ${$("keys").textContent}`);
    $("keys").hidden = false;
    mask.querySelector(".tools").hidden = false;
    let shade = 0;
    const size = mask.querySelector("[data-size]");
    const at = { x: canvas.width / 2, y: canvas.height / 2 };
    const show = () => {
      brush.style.left = `${(100 * at.x) / canvas.width}%`;
      brush.style.top = `${(100 * at.y) / canvas.height}%`;
      brush.style.width = `${(200 * Number(size.value)) / canvas.width}%`;
    };
    // a quick hand is seen here and there only: what lies between belongs to its stroke
    let last = null;
    const dab = () => {
      pen.fillStyle = pen.strokeStyle = `rgb(${shade},${shade},${shade})`;
      pen.lineWidth = 2 * Number(size.value);
      pen.beginPath();
      pen.arc(at.x, at.y, Number(size.value), 0, 7);
      pen.fill();
      if (last) {
        pen.beginPath();
        pen.moveTo(last.x, last.y);
        pen.lineTo(at.x, at.y);
        pen.stroke();
      }
      last = { x: at.x, y: at.y };
    };
    const paint = (event) => {
      const box = canvas.getBoundingClientRect();
      at.x = ((event.clientX - box.left) * canvas.width) / box.width;
      at.y = ((event.clientY - box.top) * canvas.height) / box.height;
      show();
      if (event.buttons) dab();
      else last = null;
    };
    canvas.onpointerdown = (event) => { last = null; paint(event); };
    canvas.onpointermove = paint;
    // the same by keys: arrows move, space paints, both together draw a line
    let down = false;
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    canvas.onkeydown = (event) => {
      const way = ways[event.key];
      if (event.key === " ") down = true;
      else if (!way) return;
      event.preventDefault();
      if (way) {
        const step = Math.max(1, Number(size.value) / 2) * (event.shiftKey ? 8 : 1);
        at.x = Math.min(canvas.width - 1, Math.max(0, at.x + way[0] * step));
        at.y = Math.min(canvas.height - 1, Math.max(0, at.y + way[1] * step));
      }
      show();
      if (down) dab();
    };
    canvas.onkeyup = (event) => { if (event.key === " ") { down = false; last = null; } };
    canvas.onblur = () => { down = false; last = null; };
    size.oninput = show;
    show();
    mask.querySelectorAll("[data-brush]").forEach((button) => {
      button.onclick = () => {
        shade = Number(button.dataset.brush);
        mask.querySelectorAll("[data-brush]").forEach((other) =>
          other.setAttribute("aria-pressed", String(other === button)));
      };
    });
    mask.querySelector("[data-save]").onclick = () => canvas.toBlob(async (content) => {
      const form = new FormData();
      form.append("mask", content, "mask.png");
      const reply = await fetch("/lens/mask",
        { method: "POST", body: form, headers: { Accept: "application/json" } });
      const told = await reply.json();
      $("saved").textContent = told.message || (told.error && told.error.message);
    });
  };
  if (picture.complete) begin();
  else picture.onload = begin;
}
