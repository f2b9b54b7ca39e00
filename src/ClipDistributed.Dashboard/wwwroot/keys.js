// Single keys press what carries them in data-key; nothing is pressed while one types, or has switched them off.
(() => {
  const root = document.documentElement, store = 'clipd-keys';
  const apply = () => { root.dataset.keysChoice = localStorage.getItem(store) ?? 'on'; };
  apply();
  const isTyping = element => element.closest?.('input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]');
  const press = key => {
    const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    button?.click();
    return !!button;
  };
  const move = by => {
    const rows = [...document.querySelectorAll('.list tbody tr:not(.reason)')].filter(row => row.querySelector('a, button, input'));
    if (rows.length === 0) return false;
    const now = rows.indexOf(document.activeElement.closest?.('.list tbody tr'));
    const row = rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? 0 : now + by))];
    (row.querySelector('.name a') ?? row.querySelector('a, button, input')).focus();
    return true;
  };
  const select = () => {
    const box = document.activeElement.closest?.('.list tbody tr')?.querySelector('.pick input');
    box?.click();
    return !!box;
  };
  const tab = by => {
    const tabs = [...document.querySelectorAll('.tabs a')], now = tabs.findIndex(one => one.getAttribute('aria-current') === 'page');
    const next = tabs[now + by];
    next?.click();
    return !!next;
  };
  addEventListener('keydown', event => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      if (!document.querySelector('.mud-dialog') && press('/')) event.preventDefault();
      return;
    }
    if (!isPlain || root.dataset.keysChoice === 'off' || isTyping(event.target) || document.querySelector('.mud-dialog')) return;
    const act = { j: () => move(1), k: () => move(-1), x: select, ']': () => tab(1), '[': () => tab(-1) }[event.key] ?? (() => press(event.key));
    if (event.key.length === 1 && event.key !== ' ' && act()) event.preventDefault();
  });
  addEventListener('click', event => {
    const choice = event.target.closest?.('button[data-keys-choice]'), copied = event.target.closest?.('[data-copy]');
    if (choice) {
      localStorage.setItem(store, choice.dataset.keysChoice);
      apply();
    }
    if (copied) {
      navigator.clipboard?.writeText(document.getElementById(copied.dataset.copy).textContent);
      copied.textContent = 'Copied';
    }
    for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    const menu = document.querySelector('details.menu[open]');
    if (!menu) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
})();
