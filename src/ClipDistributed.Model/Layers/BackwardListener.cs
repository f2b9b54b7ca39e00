using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Layers;

/// <summary>
/// Takes what the hooks of a backward pass report. They are called from libtorch, one after the other, on a GPU on a thread of
/// its own: no exception may unwind through its frames and no dispose scope reaches them. So both are held here.
/// </summary>
/// <param name="completed">Is called with each stage that backward completes, until it throws.</param>
public sealed class BackwardListener(Action<int> completed)
{
    private Tensor? gradient; // libtorch reads it once its hook has returned, and never after that
    private ExceptionDispatchInfo? failure;

    /// <summary>After a backward pass, on the thread that ran it: throws what a hook threw.</summary>
    public void End()
    {
        Hold(null);
        var thrown = failure;
        failure = null;
        thrown?.Throw();
    }

    /// <summary>From a hook; never throws.</summary>
    /// <param name="passing">What the hook returns to libtorch.</param>
    internal void OnCompleted(int stage, Tensor passing)
    {
        Hold(passing);
        if (failure is not null)
            return;
        try
        {
            completed(stage);
        }
        catch (Exception thrown)
        {
            failure = ExceptionDispatchInfo.Capture(thrown);
        }
    }

    private void Hold(Tensor? next)
    {
        gradient?.Dispose();
        gradient = next;
    }
}
