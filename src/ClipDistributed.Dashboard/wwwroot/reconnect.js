// A page whose connection is lost goes on by itself: it reconnects for as long as it takes, and loads anew where the coordinator was restarted.
(() => {
  const modal = document.getElementById('components-reconnect-modal');
  let waiting = false;
  const again = async () => {
    if (waiting) return;
    waiting = true;
    for (;;) {
      await new Promise(done => setTimeout(done, 1500));
      try {
        await fetch('/healthz', { cache: 'no-store' }); // it answers: what the page was is over
        location.reload();
        return;
      } catch { /* not yet */ }
    }
  };
  modal.addEventListener('components-reconnect-state-changed', event => {
    const state = event.detail.state;
    modal.classList.toggle('shown', state !== 'hide');
    if (state === 'failed' || state === 'rejected' || state === 'resume-failed') again();
  });
})();
