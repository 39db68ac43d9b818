// Light, dark, or as the system is; kept for the next visit.

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGNS = { auto: "◐", light: "☀", dark: "☾" };

export function setUpTheme(button) {
  const draw = () => {
    const theme = document.documentElement.dataset.theme ?? "auto";
    button.textContent = SIGNS[theme];
    button.title = `Colours: ${theme}`;
  };
  button.addEventListener("click", () => {
    const next = NEXT[document.documentElement.dataset.theme ?? "auto"];
    if (next === "auto") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("theme");
    } else {
      document.documentElement.dataset.theme = next;
      localStorage.setItem("theme", next);
    }
    draw();
  });
  draw();
}
