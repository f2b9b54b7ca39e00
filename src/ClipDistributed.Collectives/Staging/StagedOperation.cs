using System.Runtime.ExceptionServices;
using ClipDistributed.Collectives.Cuda;

namespace ClipDistributed.Collectives.Staging;

/// <summary>One operation: copied to the host when it is started, carried out and copied back on the group's thread.</summary>
internal sealed class StagedOperation(string name, GroupStream stream, Action carryOut, Action release) : ICollectiveWork
{
    private readonly nint copied = stream.Record(name);
    private readonly ManualResetEventSlim done = new();
    private ExceptionDispatchInfo? failure;
    private bool waited;

    /// <summary>On the group's thread.</summary>
    public void Run()
    {
        try
        {
            stream.UseDevice(name);
            Await(copied);
            carryOut();
            Await(stream.Record(name));
        }
        catch (Exception thrown)
        {
            // For the thread that waits.
            failure = ExceptionDispatchInfo.Capture(thrown);
        }
        done.Set();
    }

    public void Wait()
    {
        done.Wait();
        if (!waited)
            release();
        waited = true;
        failure?.Throw();
    }

    private void Await(nint marker)
    {
        try
        {
            for (var wait = new PollWait(); !stream.Happened(name, marker); wait.Once())
            {
            }
        }
        finally
        {
            stream.Forget(marker);
        }
    }
}
