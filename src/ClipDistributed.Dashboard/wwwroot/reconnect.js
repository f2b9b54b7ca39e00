// A page whose connection is lost goes on by itself: Blazor reconnects to what is still there; where the coordinator was restarted,
// no user is signed in and nothing is left to reconnect to, so that the page loads anew as soon as it answers.
(() => {
  const modal = document.getElementById('components-reconnect-modal');
  let isLost = false, isOver = false, isWaiting = false;
  const wait = async () => {
    if (isWaiting) return;
    isWaiting = true;
    while (isLost) {
      await new Promise(done => setTimeout(done, 1500));
      try {
        const response = await fetch('/not-found', { redirect: 'manual', cache: 'no-store' });
        if (isLost && (isOver || response.type === 'opaqueredirect')) {
          location.reload();
          return;
        }
      } catch { /* not yet */ }
    }
    isWaiting = false;
  };
  modal.addEventListener('components-reconnect-state-changed', event => {
    const state = event.detail.state;
    isLost = state !== 'hide';
    isOver = state === 'failed' || state === 'rejected' || state === 'resume-failed';
    modal.classList.toggle('shown', isLost);
    if (isLost) wait();
  });
})();
