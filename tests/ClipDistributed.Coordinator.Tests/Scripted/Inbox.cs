using System.Threading.Channels;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>What came on a call and was not looked at yet.</summary>
internal sealed class Inbox<T>
    where T : class
{
    private readonly Channel<T> unread = Channel.CreateUnbounded<T>();

    public Inbox(IAsyncStreamReader<T> stream) => Reading = ReadAsync(stream);

    /// <summary>Ends with the call; holds its failure.</summary>
    public Task Reading { get; }

    /// <summary>The next message that <paramref name="select"/> finds something in; those before it are dropped.</summary>
    public async Task<TFound> NextAsync<TFound>(Func<T, TFound?> select)
        where TFound : class
    {
        using var late = new CancellationTokenSource(TestCoordinator.Patience);
        await foreach (var message in unread.Reader.ReadAllAsync(late.Token))
        {
            if (select(message) is { } found)
                return found;
        }
        throw new InvalidOperationException($"The call ended before a {typeof(TFound).Name} came.");
    }

    private async Task ReadAsync(IAsyncStreamReader<T> stream)
    {
        try
        {
            await foreach (var message in stream.ReadAllAsync())
                unread.Writer.TryWrite(message);
            unread.Writer.Complete();
        }
        catch (RpcException failed)
        {
            unread.Writer.Complete(failed);
            throw;
        }
    }
}
