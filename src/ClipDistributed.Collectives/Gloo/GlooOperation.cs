using System.Runtime.ExceptionServices;

namespace ClipDistributed.Collectives.Gloo;

internal sealed class GlooOperation(string name, GlooContext context, GlooContext.Call call) : ICollectiveWork
{
    private readonly ManualResetEventSlim done = new();
    private ExceptionDispatchInfo? failure;

    /// <summary>On the group's thread.</summary>
    public void Run()
    {
        try
        {
            context.Run(name, call);
        }
        catch (Exception thrown)
        {
            // For the thread that waits.
            failure = ExceptionDispatchInfo.Capture(thrown);
        }
    }

    /// <summary>Wakes the thread that waits.</summary>
    public void Finish() => done.Set();

    public void Wait()
    {
        done.Wait();
        failure?.Throw();
    }
}
