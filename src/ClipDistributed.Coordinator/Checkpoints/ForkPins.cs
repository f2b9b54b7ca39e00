using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>
/// Pins checkpoints for jobs that are being submitted. The pin stays for those that are accepted; where none of them is, what was pinned
/// for them alone is unpinned. Thread-safe.
/// </summary>
internal sealed class ForkPins(RunCheckpoints checkpoints)
{
    private readonly SemaphoreSlim changing = new(1);
    private readonly Dictionary<ForkPin, Hold> holds = [];

    /// <exception cref="RequestRefusedException">It is gone, or its place does not answer.</exception>
    public async Task PinAsync(ForkPin pin, bool wasPinned, CancellationToken cancel)
    {
        await changing.WaitAsync(cancel);
        try
        {
            if (!holds.TryGetValue(pin, out var hold))
                holds[pin] = hold = new Hold();
            hold.Jobs++;
            bool isPinned = false;
            try
            {
                // To its end: a pin that is cancelled may have been set.
                hold.IsToUndo |= await checkpoints.PinAsync(pin.RunId, pin.Attempt, pin.Step, isPinned: true, CancellationToken.None);
                isPinned = true;
            }
            finally
            {
                if (!isPinned)
                {
                    hold.IsToUndo |= !wasPinned; // one of its places may have it
                    await LeaveAsync(pin, hold);
                }
            }
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Once for each pin.</summary>
    /// <param name="isNeeded">The job was accepted, or may have been.</param>
    public async Task SettleAsync(ForkPin pin, bool isNeeded)
    {
        await changing.WaitAsync();
        try
        {
            var hold = holds[pin];
            hold.IsNeeded |= isNeeded;
            await LeaveAsync(pin, hold);
        }
        finally
        {
            changing.Release();
        }
    }

    private async Task LeaveAsync(ForkPin pin, Hold hold)
    {
        if (--hold.Jobs > 0)
            return;
        holds.Remove(pin);
        if (hold.IsNeeded || !hold.IsToUndo)
            return;
        try
        {
            await checkpoints.PinAsync(pin.RunId, pin.Attempt, pin.Step, isPinned: false, CancellationToken.None);
        }
        catch (Exception gone) when (gone is RequestRefusedException or IOException)
        {
            // It is gone, or its place is: the caller is to see why the job was refused.
        }
    }

    /// <summary>Of jobs that are being submitted and begin with the same checkpoint.</summary>
    private sealed class Hold
    {
        public int Jobs { get; set; }

        /// <summary>It was pinned for one of them.</summary>
        public bool IsToUndo { get; set; }

        /// <summary>One of them has a run.</summary>
        public bool IsNeeded { get; set; }
    }
}

/// <summary>A checkpoint of a run.</summary>
internal readonly record struct ForkPin(string RunId, int Attempt, long Step);
