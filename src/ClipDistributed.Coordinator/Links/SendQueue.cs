using System.Threading.Channels;

namespace ClipDistributed.Coordinator.Links;

/// <summary>The messages that wait to be sent on a call. Any thread may add some; one loop writes them, in their order.</summary>
internal sealed class SendQueue<T>
{
    private readonly Channel<T> waiting = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Never blocks. False: the call is over, the message was dropped. True does not mean that it arrived.</summary>
    public bool Send(T message) => waiting.Writer.TryWrite(message);

    /// <summary>No more will come; <see cref="WriteAsync"/> ends after the last one.</summary>
    public void Complete() => waiting.Writer.TryComplete();

    public async Task WriteAsync(Func<T, CancellationToken, Task> write, CancellationToken cancel)
    {
        // Not ReadAllAsync, which leaves the caller's context.
        while (await waiting.Reader.WaitToReadAsync(cancel))
        {
            while (waiting.Reader.TryRead(out var message))
                await write(message, cancel);
        }
    }
}
