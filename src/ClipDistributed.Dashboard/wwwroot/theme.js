// Light, dark or as the system has it; before the first paint, so that nothing flashes.
(() => {
  const root = document.documentElement, key = 'clipd-theme', dark = matchMedia('(prefers-color-scheme: dark)');
  const choice = () => localStorage.getItem(key) ?? 'system';
  const apply = () => {
    root.dataset.theme = choice() === 'system' ? (dark.matches ? 'dark' : 'light') : choice();
    root.dataset.themeChoice = choice();
    dispatchEvent(new Event('themechange'));
  };
  apply();
  dark.addEventListener('change', apply);
  addEventListener('click', event => {
    const button = event.target.closest?.('[data-theme-choice]');
    if (!button || button === root) return;
    localStorage.setItem(key, button.dataset.themeChoice);
    apply();
  });
})();
