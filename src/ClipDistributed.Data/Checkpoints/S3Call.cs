namespace ClipDistributed.Data.Checkpoints;

/// <summary>A call to S3 that is given up when nothing has moved for too long, however long the whole of it takes.</summary>
internal sealed class S3Call : IDisposable
{
    private readonly CancellationTokenSource over;
    private readonly CancellationToken cancel;

    public S3Call(TimeSpan patience, CancellationToken cancel)
    {
        (Patience, this.cancel) = (patience, cancel);
        over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Moved();
    }

    /// <summary>How long nothing may move.</summary>
    public TimeSpan Patience { get; }

    public CancellationToken Over => over.Token;

    /// <summary>It was given up, and not by its caller.</summary>
    public bool IsSilent => over.IsCancellationRequested && !cancel.IsCancellationRequested;

    /// <summary>Some bytes went over the line.</summary>
    public void Moved() => over.CancelAfter(Patience);

    public void Dispose() => over.Dispose();
}
