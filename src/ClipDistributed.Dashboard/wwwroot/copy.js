// Copies the text of another element: where the browser gives no clipboard, as without TLS between machines, by a selection.
(() => {
  const copy = async (text, source) => {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    getSelection().selectAllChildren(source);
    document.execCommand('copy');
  };
  addEventListener('click', async event => {
    const button = event.target.closest?.('[data-copy]');
    const source = button && document.querySelector(button.dataset.copy);
    if (!source) return;
    await copy(source.textContent, source);
    button.dataset.copied = 'true';
    setTimeout(() => delete button.dataset.copied, 1500);
  });
})();
