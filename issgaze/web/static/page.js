// Comfort only: every page is complete without it.
const root = document.documentElement;
const buttons = document.querySelectorAll("[data-set]");
const setTheme = (theme) => {
  root.dataset.theme = theme;
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=strict`;
  buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset.set === theme));
};
const system = matchMedia("(prefers-color-scheme:light)").matches ? "light" : "dark";
const shown = root.dataset.theme || system;
buttons.forEach((button) => {
  button.setAttribute("aria-pressed", button.dataset.set === shown);
  button.onclick = () => setTheme(button.dataset.set);
});
const themes = document.querySelector(".theme");
if (themes) themes.hidden = false;

const countdown = document.querySelector("[data-left]");
if (countdown) {
  const speed = Number(countdown.dataset.speed || 1);
  const begin = Date.now();
  const two = (value) => String(value).padStart(2, "0");
  const tick = () => {
    const left = Math.max(0, Math.round(countdown.dataset.left - ((Date.now() - begin) / 1e3) * speed));
    const days = Math.floor(left / 86400);
    const clock = `${Math.floor((left % 86400) / 3600)} h ${two(Math.floor(left / 60) % 60)} min`;
    countdown.textContent = days ? `${days} d ${clock}` : `${clock} ${two(left % 60)} s`;
  };
  if (Number.isFinite(speed)) setInterval(tick, 1e3);
}
document.querySelectorAll(".compare input").forEach((slider) => {
  slider.oninput = () => slider.parentNode.style.setProperty("--p", `${slider.value}%`);
});
document.querySelectorAll("[data-copy]").forEach((button) => {
  button.onclick = () => {
    navigator.clipboard?.writeText(document.getElementById(button.dataset.copy).innerText);
    button.textContent = "Copied";
  };
});

// Live: the sentence and the frame counter as they change; a new state brings a new page.
const now = document.querySelector("[data-live]");
if (now && window.EventSource) {
  const stream = new EventSource("/api/events");
  stream.onmessage = (message) => {
    const status = JSON.parse(message.data);
    now.textContent = status.sentence;
    const preview = document.querySelector("img[data-preview]");
    if (preview && status.digested !== Number(preview.dataset.preview)) {
      preview.dataset.preview = status.digested;
      preview.src = preview.src.replace(/\?.*|$/, `?${status.digested}`);
    }
    if (status.state !== now.dataset.live) {
      stream.close();
      location.reload();
    }
  };
}
