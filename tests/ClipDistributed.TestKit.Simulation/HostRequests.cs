using ClipDistributed.Contracts.Host.V1;
using Grpc.Core;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A host's messages, as the coordinator reads them.</summary>
internal sealed class HostRequests : IAsyncStreamReader<ConnectRequest>
{
    private readonly Queue<ConnectRequest?> queue = new();
    private TaskCompletionSource<bool>? reader;

    public ConnectRequest Current { get; private set; } = new();

    public void Send(ConnectRequest message) => Add(message);

    public void End() => Add(null);

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (queue.Count > 0)
            return Task.FromResult(Take());
        reader = new TaskCompletionSource<bool>();
        return reader.Task;
    }

    private void Add(ConnectRequest? message)
    {
        queue.Enqueue(message);
        if (reader is not { } waiting)
            return;
        reader = null;
        waiting.SetResult(Take());
    }

    private bool Take()
    {
        var next = queue.Dequeue();
        Current = next ?? Current;
        return next is not null;
    }
}
